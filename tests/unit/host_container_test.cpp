// SPDX-License-Identifier: Apache-2.0
//
// Paths as real hosts have them; only ids and pod uids are made up.
#include <gtest/gtest.h>

#include "base/container.h"

namespace tcpwatch {
namespace {

#define ID "3f4e1a9cbd2e5f60718293a4b5c6d7e8f90123456789abcdef0123456789abcd"
#define ID2 "aa4e1a9cbd2e5f60718293a4b5c6d7e8f90123456789abcdef0123456789abcd"
#define POD "2b2c5a4e-3d1f-4a7e-9b61-0d9f1c2e3a4b"
#define POD_ "2b2c5a4e_3d1f_4a7e_9b61_0d9f1c2e3a4b"

struct Sample {
  const char* path;
  const char* runtime;
};

class InContainer : public ::testing::TestWithParam<Sample> {};

TEST_P(InContainer, IsFound) {
  const auto container = container_of(GetParam().path);
  ASSERT_TRUE(container) << GetParam().path;
  EXPECT_EQ(container->id, ID);
  EXPECT_EQ(container->runtime, GetParam().runtime);
  EXPECT_EQ(container->short_id(), "3f4e1a9cbd2e");
}

INSTANTIATE_TEST_SUITE_P(
    Docker, InContainer,
    ::testing::Values(Sample{"/docker/" ID, "docker"},
                      Sample{"/system.slice/docker-" ID ".scope", "docker"},
                      Sample{"/system.slice/docker-" ID ".scope/init.scope", "docker"},
                      Sample{"/user.slice/user-1000.slice/user@1000.service/user.slice/docker-" ID
                             ".scope",
                             "docker"},
                      Sample{"/ecs/task-0123/" ID, ""}, Sample{"/../docker-" ID ".scope", "docker"},
                      Sample{"/docker/" ID2 "/docker/" ID, "docker"}));

INSTANTIATE_TEST_SUITE_P(
    Kubernetes, InContainer,
    ::testing::Values(
        Sample{"/kubepods/burstable/pod" POD "/" ID, ""}, Sample{"/kubepods/pod" POD "/" ID, ""},
        Sample{"/kubepods.slice/kubepods-burstable.slice/kubepods-burstable-pod" POD_
               ".slice/cri-containerd-" ID ".scope",
               "containerd"},
        Sample{"/kubepods.slice/kubepods-besteffort.slice/kubepods-besteffort-pod" POD_
               ".slice/crio-" ID ".scope",
               "cri-o"},
        Sample{"/kubepods.slice/kubepods-pod" POD_ ".slice/crio-" ID ".scope/container", "cri-o"},
        Sample{"/kubepods.slice/kubepods-pod" POD_ ".slice/docker-" ID ".scope", "docker"},
        Sample{"/kubelet.slice/kubelet-kubepods.slice/kubelet-kubepods-pod" POD_
               ".slice/cri-containerd-" ID ".scope",
               "containerd"},
        Sample{"/system.slice/containerd.service/kubepods-besteffort-pod" POD_
               ".slice:cri-containerd:" ID,
               "containerd"},
        Sample{"/system.slice/docker-" ID2 ".scope/kubelet.slice/kubelet-kubepods.slice/"
               "kubelet-kubepods-pod" POD_ ".slice/cri-containerd-" ID ".scope",
               "containerd"},
        Sample{".../kubepods-besteffort-pod" POD_ ".slice/cri-containerd-" ID ".scope",
               "containerd"}));

INSTANTIATE_TEST_SUITE_P(
    Others, InContainer,
    ::testing::Values(Sample{"/default/" ID, ""},
                      Sample{"/system.slice/nerdctl-" ID ".scope", "containerd"},
                      Sample{"/machine.slice/libpod-" ID ".scope", "podman"},
                      Sample{"/machine.slice/libpod-" ID ".scope/container", "podman"},
                      Sample{"/user.slice/user-1000.slice/user@1000.service/user.slice/"
                             "user-libpod_pod_123.slice/libpod-" ID ".scope",
                             "podman"},
                      Sample{"/libpod_parent/libpod-" ID, "podman"},
                      Sample{"/system.slice/app.service/libpod-payload-" ID, "podman"}));

TEST(NotInContainer, HostProcesses) {
  for (const char* path :
       {"", "/", "//", "/init.scope", "/system.slice/nginx.service", "/system.slice/docker.service",
        "/system.slice/containerd.service", "/user.slice/user-0.slice/session-1.scope",
        "/machine.slice/libpod-conmon-" ID ".scope",
        "/kubepods.slice/kubepods-pod" POD_ ".slice/crio-conmon-" ID ".scope",
        "/kubepods.slice/kubepods-pod" POD_ ".slice", "/docker", "/docker/short",
        "/docker/3F4E1A9CBD2E5F60718293A4B5C6D7E8F90123456789ABCDEF0123456789ABCD",
        "/docker/" ID "0", "/system.slice/docker-" ID "x.scope", ":", "/a:b"}) {
    EXPECT_FALSE(container_of(path)) << path;
  }
}

TEST(Pod, UidIsFoundUnderEveryDriver) {
  for (const char* path :
       {"/kubepods/burstable/pod" POD "/" ID, "/kubepods/pod" POD "/" ID,
        "/kubepods.slice/kubepods-burstable.slice/kubepods-burstable-pod" POD_
        ".slice/cri-containerd-" ID ".scope",
        "/kubepods.slice/kubepods-pod" POD_ ".slice/crio-" ID ".scope/container",
        "/system.slice/containerd.service/kubepods-besteffort-pod" POD_ ".slice:cri-containerd:" ID,
        "/kubelet.slice/kubelet-kubepods.slice/kubelet-kubepods-pod" POD_ ".slice/crio-" ID})
    EXPECT_EQ(pod_of(path), POD) << path;
  EXPECT_EQ(pod_of("/kubepods/pod3f4e1a9cbd2e5f60718293a4b5c6d7e8/" ID),
            "3f4e1a9cbd2e5f60718293a4b5c6d7e8");
}

TEST(Pod, OthersHaveNone) {
  for (const char* path :
       {"", "/", "/docker/" ID, "/system.slice/podman-123.scope",
        "/machine.slice/libpod-" ID ".scope", "/kubepods/pod123/" ID, "/kubepods/pod" POD "x/" ID})
    EXPECT_FALSE(pod_of(path)) << path;
}

}  // namespace
}  // namespace tcpwatch

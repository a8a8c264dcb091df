// SPDX-License-Identifier: Apache-2.0
//
// Real namespaces, made by the test in a child process or on a thread of its own. Without the right
// to make them (no root, no user namespaces) these tests are skipped with that reason.
#include "host/netns.h"

#include <arpa/inet.h>
#include <fcntl.h>
#include <gtest/gtest.h>
#include <net/if.h>
#include <sched.h>
#include <sys/ioctl.h>
#include <sys/mount.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <filesystem>
#include <functional>
#include <string>
#include <thread>

#include "base/unique_fd.h"
#include "host/netns_enter.h"
#include "host/sysctl.h"
#include "support/temp_dir.h"

namespace tcpwatch {
namespace {

std::uint32_t own_netns() { return netns_of_process(static_cast<std::uint32_t>(::getpid())); }

bool knows(const NetnsReader& reader, std::uint32_t inode) {
  return std::ranges::any_of(reader.known(), [&](const auto& ref) { return ref.inode == inode; });
}

std::optional<tw_netns> record_of(NetnsReader& reader, std::uint32_t inode) {
  RecordBatch batch;
  std::optional<tw_netns> found;
  const std::size_t records = reader.read(batch, 9);
  std::size_t namespaces = 0;
  const ReadCount count = batch.for_each([&](const Record& record) {
    // Where this machine tracks connections, there are records of that too.
    const auto* netns = std::get_if<const tw_netns*>(&record);
    if (!netns) return;
    ++namespaces;
    EXPECT_EQ((*netns)->header.time, 9u);
    if ((*netns)->netns == inode) found = **netns;
  });
  EXPECT_EQ(namespaces, records);
  EXPECT_EQ(count.errors, 0u);
  return found;
}

void write_file(const char* path, const std::string& text) {
  const UniqueFd file(::open(path, O_WRONLY | O_CLOEXEC));
  [[maybe_unused]] const auto written = ::write(file.get(), text.data(), text.size());
}

bool loopback_up() {
  const UniqueFd socket(::socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0));
  ifreq request{};
  request.ifr_name[0] = 'l';
  request.ifr_name[1] = 'o';
  request.ifr_flags = IFF_UP;
  return ::ioctl(socket.get(), SIOCSIFFLAGS, &request) == 0;
}

// `count` connections to a listener of one's own: each is one active and one passive open.
bool connect_to_self(int count) {
  const UniqueFd listener(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0));
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  socklen_t size = sizeof address;
  auto* generic = reinterpret_cast<sockaddr*>(&address);
  if (::bind(listener.get(), generic, size) != 0 || ::listen(listener.get(), 16) != 0) return false;
  ::getsockname(listener.get(), generic, &size);
  for (int i = 0; i < count; ++i) {
    const UniqueFd client(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0));
    if (::connect(client.get(), generic, size) != 0) return false;
    const UniqueFd server(::accept(listener.get(), nullptr, nullptr));
    if (!server) return false;
  }
  return true;
}

// A process in a network namespace of its own that makes connections when it is told to.
class NamespaceChild {
 public:
  NamespaceChild() {
    int pair[2];
    if (::socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, pair) != 0) return;
    pid_ = ::fork();
    if (pid_ == 0) {
      ::close(pair[0]);
      serve(pair[1]);
    }
    ::close(pair[1]);
    control_.reset(pair[0]);
    ready_ = answer();
  }
  ~NamespaceChild() { end(); }

  bool ready() const { return ready_; }
  std::uint32_t pid() const { return static_cast<std::uint32_t>(pid_); }
  std::uint32_t netns() const { return netns_of_process(pid()); }
  bool make_connections(char count) { return ::write(control_.get(), &count, 1) == 1 && answer(); }
  void end() {
    control_.reset();
    if (pid_ > 0) ::waitpid(pid_, nullptr, 0);
    pid_ = -1;
  }

 private:
  bool answer() {
    char good = 0;
    return ::read(control_.get(), &good, 1) == 1 && good == 1;
  }
  [[noreturn]] static void serve(int control) {
    const auto uid = ::getuid();
    bool good = ::unshare(CLONE_NEWNET) == 0;
    if (!good && ::unshare(CLONE_NEWUSER | CLONE_NEWNET) == 0) {
      write_file("/proc/self/uid_map", "0 " + std::to_string(uid) + " 1");
      good = true;
    }
    char told = good && loopback_up() ? 1 : 0;
    while (::write(control, &told, 1) == 1 && ::read(control, &told, 1) == 1) {
      told = connect_to_self(told) ? 1 : 0;
    }
    ::_exit(0);
  }

  pid_t pid_ = -1;
  UniqueFd control_;
  bool ready_ = false;
};

#define REQUIRE_NAMESPACES(child) \
  if (!(child).ready()) GTEST_SKIP() << "may not make network namespaces here"

TEST(NetnsReader, OwnNamespace) {
  NetnsReader reader;
  EXPECT_TRUE(reader.discover());
  ASSERT_NE(own_netns(), 0u);
  EXPECT_TRUE(knows(reader, own_netns()));
  EXPECT_TRUE(std::ranges::is_sorted(reader.known(), {}, &NetnsRef::inode));
  EXPECT_TRUE(record_of(reader, own_netns()));
}

TEST(NetnsReader, TheFirstReadDiscovers) {
  NetnsReader reader;
  EXPECT_TRUE(record_of(reader, own_netns()));
}

TEST(NetnsReader, CountsOfAnotherNamespace) {
  NamespaceChild child;
  REQUIRE_NAMESPACES(child);
  ASSERT_NE(child.netns(), own_netns());
  NetnsReader reader;
  reader.discover();
  const auto before = record_of(reader, child.netns());
  ASSERT_TRUE(before);
  EXPECT_EQ(before->active_opens, 0u);
  EXPECT_EQ(before->passive_opens, 0u);
  ASSERT_TRUE(child.make_connections(7));
  const auto after = record_of(reader, child.netns());
  ASSERT_TRUE(after);
  EXPECT_EQ(after->active_opens, 7u);
  EXPECT_EQ(after->passive_opens, 7u);
  EXPECT_EQ(after->listen_overflows, 0u);
  EXPECT_LE(after->time_wait, 7u);
}

TEST(NetnsReader, AVanishedNamespaceIsForgotten) {
  NamespaceChild child;
  REQUIRE_NAMESPACES(child);
  const std::uint32_t inode = child.netns();
  NetnsReader reader;
  reader.discover();
  ASSERT_TRUE(knows(reader, inode));
  child.end();
  EXPECT_FALSE(record_of(reader, inode));
  EXPECT_FALSE(knows(reader, inode));
  EXPECT_TRUE(record_of(reader, own_netns()));
}

TEST(NetnsReader, AnotherProcessOfTheNamespaceWillDo) {
  NamespaceChild child;
  REQUIRE_NAMESPACES(child);
  NetnsReader reader;
  // As if the process that we knew had ended and its pid were ours now.
  const NetnsRef stale{child.netns(), {static_cast<std::uint32_t>(::getpid()), child.pid()}, ""};
  EXPECT_TRUE(reader.read_one(stale, 1));
  const NetnsRef wrong{child.netns(), {static_cast<std::uint32_t>(::getpid())}, ""};
  EXPECT_FALSE(reader.read_one(wrong, 1));
}

TEST(NetnsReader, Fixture) {
  const test::TempDir proc;
  proc.write("12/net/snmp", "Tcp: ActiveOpens\nTcp: 3\n");
  proc.write("12/net/netstat", "TcpExt: ListenDrops\nTcpExt: 4\n");
  proc.write("12/net/sockstat", "TCP: inuse 1 tw 5\n");
  std::filesystem::create_directories(proc.path() + "/12/ns");
  std::filesystem::create_directories(proc.path() + "/13/ns");
  std::filesystem::create_directories(proc.path() + "/self");
  std::filesystem::create_symlink("net:[4000000001]", proc.path() + "/12/ns/net");
  std::filesystem::create_symlink("net:[4000000001]", proc.path() + "/13/ns/net");
  NetnsReader reader(proc.path(), {});
  EXPECT_TRUE(reader.discover());
  ASSERT_EQ(reader.known().size(), 1u);
  EXPECT_EQ(reader.known()[0].pids.size(), 2u);
  const auto record = record_of(reader, 4000000001);
  ASSERT_TRUE(record);
  EXPECT_EQ(record->active_opens, 3u);
  EXPECT_EQ(record->listen_drops, 4u);
  EXPECT_EQ(record->time_wait, 5u);
}

TEST(NetnsReader, NothingToSee) {
  NetnsReader reader("/nonexistent", {"/nonexistent"});
  EXPECT_FALSE(reader.discover());
  RecordBatch batch;
  EXPECT_EQ(reader.read(batch, 1), 0u);
  EXPECT_TRUE(batch.empty());
}

// Runs `body` on a thread with a mount namespace of its own, where a network namespace without any
// process in it is mounted on `folder`/blue. False: not permitted.
bool with_mounted_netns(const std::string& folder, const std::function<void(std::uint32_t)>& body) {
  const std::string file = folder + "/blue";
  const UniqueFd mount_point(::open(file.c_str(), O_CREAT | O_RDONLY | O_CLOEXEC, 0600));
  bool permitted = false;
  std::thread([&] {
    const UniqueFd home(::open("/proc/thread-self/ns/net", O_RDONLY | O_CLOEXEC));
    if (::unshare(CLONE_NEWNS) != 0) return;
    ::mount("none", "/", nullptr, MS_REC | MS_PRIVATE, nullptr);
    if (::unshare(CLONE_NEWNET) != 0 || !loopback_up() || !connect_to_self(3)) return;
    struct stat facts{};
    const char* source = "/proc/thread-self/ns/net";
    if (::mount(source, file.c_str(), nullptr, MS_BIND, nullptr) != 0) return;
    if (::stat(file.c_str(), &facts) != 0 || ::setns(home.get(), CLONE_NEWNET) != 0) return;
    permitted = true;
    body(static_cast<std::uint32_t>(facts.st_ino));
  }).join();
  return permitted;
}

#define REQUIRE_MOUNTS(permitted) \
  if (!(permitted)) GTEST_SKIP() << "may not mount network namespaces here (needs root)"

TEST(NetnsReader, NamespaceWithoutProcess) {
  const test::TempDir folder;
  folder.write("no-namespace", "x");
  REQUIRE_MOUNTS(with_mounted_netns(folder.path(), [&](std::uint32_t inode) {
    NetnsReader reader("/proc", {folder.path()});
    EXPECT_TRUE(reader.discover());
    EXPECT_TRUE(knows(reader, inode));
    const auto record = record_of(reader, inode);
    ASSERT_TRUE(record);
    EXPECT_EQ(record->active_opens, 3u);
    EXPECT_EQ(record->passive_opens, 3u);
    EXPECT_EQ(netns_of_process(static_cast<std::uint32_t>(::gettid())), own_netns());
    ::umount2((folder.path() + "/blue").c_str(), MNT_DETACH);
    EXPECT_FALSE(record_of(reader, inode));
    EXPECT_FALSE(knows(reader, inode));
  }));
}

TEST(FindNetns, ByPath) {
  const test::TempDir folder;
  REQUIRE_MOUNTS(with_mounted_netns(folder.path(), [&](std::uint32_t inode) {
    const auto found = find_netns(folder.path() + "/blue");
    ASSERT_TRUE(found) << found.error().message;
    EXPECT_EQ(found->inode, inode);
    EXPECT_TRUE(NetnsReader().read_one(*found, 1));
  }));
}

TEST(FindNetns, OfAProcess) {
  const auto found = find_netns("/proc/self/ns/net");
  ASSERT_TRUE(found);
  EXPECT_EQ(found->inode, own_netns());
}

TEST(FindNetns, ErrorsNameTheRemedy) {
  for (const char* name : {"no-such-namespace-here", "/nonexistent/blue", "/proc/self/ns/mnt",
                           "/proc/self/stat", "/", "", ".."}) {
    const auto found = find_netns(name);
    ASSERT_FALSE(found) << name;
    EXPECT_EQ(found.error().kind, ErrorKind::kUsage) << name;
    EXPECT_NE(found.error().message.find(name), std::string::npos);
    EXPECT_FALSE(found.error().hint.empty());
  }
}

TEST(EnterNetns, RunsInsideAndComesBack) {
  NamespaceChild child;
  REQUIRE_NAMESPACES(child);
  const NetnsRef netns{child.netns(), {child.pid()}, ""};
  std::string inside(64, '\0');
  const Result<> entered = in_netns(netns, [&] {
    const auto size = ::readlink("/proc/thread-self/ns/net", inside.data(), inside.size());
    inside.resize(static_cast<std::size_t>(std::max<ssize_t>(size, 0)));
  });
  if (!entered) GTEST_SKIP() << entered.error().message << ": " << entered.error().hint;
  EXPECT_EQ(inside, "net:[" + std::to_string(child.netns()) + "]");
  EXPECT_EQ(netns_of_process(static_cast<std::uint32_t>(::gettid())), own_netns());
}

TEST(EnterNetns, RefusesWhatIsGone) {
  bool called = false;
  const NetnsRef gone{1, {static_cast<std::uint32_t>(::getpid())}, "/nonexistent"};
  const Result<> entered = in_netns(gone, [&] { called = true; });
  ASSERT_FALSE(entered);
  EXPECT_EQ(entered.error().kind, ErrorKind::kCannotTell);
  EXPECT_FALSE(called);
}

TEST(EnterNetns, SysctlsOfAnotherNamespace) {
  NamespaceChild child;
  REQUIRE_NAMESPACES(child);
  const NetnsRef netns{child.netns(), {child.pid()}, ""};
  const Result<> changed = in_netns(netns, [] {
    write_file("/proc/sys/net/core/somaxconn", "321");
    write_file("/proc/sys/net/ipv4/ip_local_port_range", "20000 20009");
  });
  if (!changed) GTEST_SKIP() << changed.error().message << ": " << changed.error().hint;
  const auto theirs = read_net_sysctls(netns);
  ASSERT_TRUE(theirs) << theirs.error().message;
  EXPECT_EQ(theirs->somaxconn, 321u);
  EXPECT_EQ(theirs->ports_available(), 10u);
  EXPECT_NE(read_net_sysctls().somaxconn, 321u);
}

}  // namespace
}  // namespace tcpwatch

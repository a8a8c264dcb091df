// SPDX-License-Identifier: Apache-2.0
//
// The fuzzer's first inputs (tests/fuzz/capture.corpus) are captures of this format.
// TCPWATCH_UPDATE_GOLDEN=1 writes them anew.
#include <gtest/gtest.h>

#include <cstdlib>
#include <filesystem>

#include "unit/capture_stream.h"

namespace tcpwatch::test {
namespace {

const std::string kFolder = "tests/fuzz/capture.corpus/";

void write_seed(const std::string& name, const RecordBatch& records) {
  std::filesystem::create_directories(kFolder);
  std::filesystem::remove(kFolder + name);
  WriterLimits limits;
  limits.block_ns = 3'000'000'000;
  limits.state_ns = 9'000'000'000;
  write_capture(kFolder + name, records, limits);
}

TEST(CaptureCorpus, SeedsAreWholeCaptures) {
  if (std::getenv("TCPWATCH_UPDATE_GOLDEN")) {
    write_seed("mixed", mixed(60, 1));
    write_seed("closes", closes(30, 1));
    write_seed("steps", steps(8, 1));
  }
  for (const char* name : {"mixed", "closes", "steps"}) {
    auto file = FileReader::open(kFolder + name);
    ASSERT_TRUE(file) << name;
    EXPECT_FALSE(read_capture(*file).empty());
    EXPECT_FALSE(file->damage().any());
    EXPECT_TRUE(file->closed());
    EXPECT_LT(file->size(), 20'000u) << "a seed is small";
  }
}

}  // namespace
}  // namespace tcpwatch::test

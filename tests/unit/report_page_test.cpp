// SPDX-License-Identifier: Apache-2.0
//
// The HTML report, as far as it can be judged without a browser: tests/page opens it in one.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <filesystem>
#include <nlohmann/json.hpp>

#include "base/fixed_text.h"
#include "base/worker.h"
#include "events/make.h"
#include "support/temp_dir.h"
#include "unit/capture_stream.h"
#include "unit/cli_call.h"
#include "views/page_parts.h"
#include "views/page_plots.h"

namespace tcpwatch::test {
namespace {

using testing::HasSubstr;

Snapshot interval(std::uint64_t at, std::uint64_t connects) {
  Snapshot snapshot;
  snapshot.realtime_ns = (1000 + at) * 1'000'000'000;
  snapshot.interval = 1;
  snapshot.delta.connects = connects;
  return snapshot;
}

nlohmann::json connects_of(const PageSeries& series) {
  JsonWriter json;
  write_page_plots(json, series);
  return nlohmann::json::parse(json.take())[0]["charts"][0]["lines"][1];
}

TEST(PageSeries, AShortCaptureKeepsEachInterval) {
  const Snapshot summary;
  PageSeries series(summary, {}, 3);
  for (std::uint64_t at = 1; at <= 3; ++at) series.add(interval(at, at * 10));
  series.end();
  EXPECT_EQ(series.ends().size(), 3u);
  const auto line = connects_of(series);
  EXPECT_EQ(line["most"], (std::vector<double>{10, 20, 30}));
  EXPECT_FALSE(line.contains("mean")) << "it would say the same";
}

// However long it was: so many points, the spike is there, and the mean gives the sum again.
TEST(PageSeries, ALongCaptureIsBoundedAndHonest) {
  constexpr std::uint64_t kIntervals = 10'007;
  const Snapshot summary;
  PageSeries series(summary, {}, kIntervals);
  std::uint64_t sum = 0;
  for (std::uint64_t at = 1; at <= kIntervals; ++at) {
    const std::uint64_t connects = at == 5003 ? 9999 : at % 7;
    series.add(interval(at, connects));
    sum += connects;
  }
  series.end();
  EXPECT_EQ(series.intervals_per_point(), 11u);
  EXPECT_LE(series.ends().size(), PageSeries::kPoints);
  const auto& points = series.totals().plotted()[1].lines[0].points();
  ASSERT_EQ(points.size(), series.ends().size());
  double told = 0;
  double most = 0;
  for (std::size_t at = 0; at < points.size(); ++at) {
    const std::uint64_t before = at == 0 ? series.begin_ns() : series.ends()[at - 1];
    told += points[at]->mean * static_cast<double>(series.ends()[at] - before) * 1e-9;
    most = std::max(most, points[at]->most);
    EXPECT_LE(points[at]->least, points[at]->mean);
  }
  EXPECT_NEAR(told, static_cast<double>(sum), 1e-6 * static_cast<double>(sum));
  EXPECT_EQ(most, 9999);
  EXPECT_EQ(connects_of(series)["least"].size(), points.size());
}

TEST(PageSeries, WhatWasNotRecordedIsAGap) {
  const Snapshot summary;
  PageSeries series(summary, {}, 4);
  for (const std::uint64_t at : {1, 2, 60, 61}) series.add(interval(at, 5));
  series.end();
  EXPECT_EQ(series.ends().size(), 5u);
  const auto most = connects_of(series)["most"];
  EXPECT_TRUE(most[2].is_null());
  EXPECT_EQ(most[3], 5);
}

// Nor do gaps, or a clock that is set back, make more points or times that fall.
TEST(PageSeries, HostileTimesAreBounded) {
  const Snapshot summary;
  PageSeries series(summary, {}, 20'000);
  for (std::uint64_t at = 1; at <= 20'000; ++at) series.add(interval(at * 1'000, 1));
  for (std::uint64_t at = 1; at <= 20; ++at) series.add(interval(at, 1));
  series.end();
  EXPECT_LE(series.ends().size(), 3 * PageSeries::kPoints + 2);
  EXPECT_TRUE(std::ranges::is_sorted(series.ends()));
}

class ReportPage : public testing::Test {
 protected:
  std::string page_of(const RecordBatch& records) {
    write_capture(dir.path() + "/a.tcpw", records);
    const Answer answer = call({"report", "--html", "-", dir.path() + "/a.tcpw"});
    EXPECT_EQ(answer.code, 0) << answer.err;
    std::filesystem::remove(dir.path() + "/a.tcpw");
    return answer.out;
  }
  TempDir dir;
};

// Whatever is in a capture: two scripts, whole data, the same bytes each time.
TEST_F(ReportPage, HoldsItsDataWhole) {
  for (const std::uint32_t seed : {1u, 2u, 3u}) {
    SCOPED_TRACE(seed);
    const std::string page = page_of(mixed(400, seed));
    EXPECT_EQ(page, page_of(mixed(400, seed)));
    const std::string begin = "<script type=\"application/json\" id=\"data\">";
    const std::size_t from = page.find(begin) + begin.size();
    const auto data = nlohmann::json::parse(page.substr(from, page.find("</script>", from) - from));
    EXPECT_EQ(data[0]["host"], "web-7");
    EXPECT_EQ(data[0]["plots"][0]["charts"][0]["lines"][0]["most"].size(), data[0]["ends"].size());
    EXPECT_GT(data[0]["tables"].size(), 2u);
    EXPECT_THAT(page, HasSubstr(std::string("script-src '") + std::string(page_script().hash)));
    EXPECT_THAT(page, HasSubstr("<noscript>\n<pre>web-7"));
  }
}

std::size_t count_of(std::string_view text, std::string_view part) {
  std::size_t count = 0;
  for (auto at = text.find(part); at != std::string_view::npos; at = text.find(part, at + 1))
    ++count;
  return count;
}

// Of a host and of processes that are called anything: not a tag more in the page than of others.
TEST_F(ReportPage, HasNoTagOfOthers) {
  const auto called = [&](std::string_view name) {
    RecordBatch records;
    auto host = new_record<tw_host>(1'000'000'000);
    set_text(host.hostname, name);
    records.append(host);
    for (std::uint64_t second = 2; second < 5; ++second) {
      auto flow = new_record<tw_flow_record>(second * 1'000'000'000);
      flow.flow.key.worker = make_worker(100, 1);
      flow.flow.key.role = TW_ROLE_OUT;
      flow.flow.attempts = 10 * second;
      set_text(flow.flow.comm, name);
      records.append(flow);
      records.append(new_record<tw_tick>(second * 1'000'000'000));
    }
    return page_of(records);
  };
  const std::string plain = called("plain");
  EXPECT_GT(count_of(plain, "plain"), 3u);
  for (const std::string_view hostile : {"</script><b>", "<!--<script>", "<img src=x>"}) {
    const std::string page = called(hostile);
    EXPECT_EQ(count_of(page, "<"), count_of(plain, "<")) << hostile;
    EXPECT_THAT(page, testing::Not(HasSubstr(std::string(hostile))));
  }
}

TEST_F(ReportPage, IsWrittenWhereItWasAsked) {
  write_capture(dir.path() + "/a.tcpw", mixed(100, 5));
  const std::string capture = dir.path() + "/a.tcpw";
  const std::string page = dir.path() + "/page.html";
  const Answer written = call({"report", "--html", page, capture});
  EXPECT_EQ(written.code, 0);
  EXPECT_THAT(written.out, HasSubstr("page.html: "));
  EXPECT_EQ(bytes_of(page), call({"report", "--html", "-", capture}).out);
  const Answer nowhere = call({"report", "--html", dir.path() + "/none/page.html", capture});
  EXPECT_EQ(nowhere.code, 74);
  EXPECT_THAT(nowhere.err, HasSubstr("cannot write"));
  EXPECT_EQ(call({"report", "--html", page, "--compare", capture, capture}).code, 64);
}

}  // namespace
}  // namespace tcpwatch::test

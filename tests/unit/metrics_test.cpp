// SPDX-License-Identifier: Apache-2.0
//
// The metrics: golden texts of both formats, and that counters count every increment exactly once,
// whatever leaves, folds or changes its name.
#include <fmt/format.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <map>
#include <nlohmann/json.hpp>
#include <sstream>

#include "model_stream.h"
#include "view_golden.h"
#include "view_snapshots.h"
#include "views/metrics/exposition.h"
#include "views/metrics/metrics.h"
#include "views/metrics/otlp.h"

namespace tcpwatch::test {
namespace {

using testing::HasSubstr;
using testing::Not;

std::string text_of(Metrics& metrics, Dialect dialect = Dialect::kPrometheus,
                    const AgentFacts& facts = {}) {
  Exposition out(dialect);
  metrics.write(out, facts);
  return out.take();
}

std::string metrics_of(const Snapshot& snapshot, Dialect dialect, const Findings& findings = {}) {
  Metrics metrics({});
  metrics.add(std::make_shared<Snapshot>(snapshot), findings);
  AgentFacts facts;
  facts.programs = {{"tw_states", 12, 3.5e-6}};
  facts.services = {{"tcpwatch_captures", "Captures.", R"(result="written")", 2}};
  facts.process = AgentFacts::Process{1.5, 1.7e9, 1 << 20, 1 << 22, 12, 1024, 2};
  return text_of(metrics, dialect, facts);
}

// Series by name and labels; histograms' as well.
std::map<std::string, double> series_of(const std::string& text) {
  std::map<std::string, double> series;
  std::istringstream lines(text);
  for (std::string line; std::getline(lines, line);) {
    if (line.empty() || line[0] == '#') continue;
    const std::size_t space = line.rfind(' ');
    EXPECT_TRUE(series.emplace(line.substr(0, space), std::stod(line.substr(space + 1))).second)
        << "twice: " << line;
  }
  return series;
}

double sum_of(const std::map<std::string, double>& series, const std::string& name) {
  double sum = 0;
  for (const auto& [key, value] : series)
    if (key == name || key.starts_with(name + "{")) sum += value;
  return sum;
}

TEST(Metrics, Golden) {
  Finding finding;
  finding.id = "ephemeral-port-exhaustion";
  finding.severity = Severity::kCritical;
  finding.subject.comm = "nginx";
  expect_golden("metrics_incident.txt",
                metrics_of(incident_snapshot(), Dialect::kPrometheus, {finding}));
  expect_golden("metrics_incident_openmetrics.txt",
                metrics_of(incident_snapshot(), Dialect::kOpenMetrics, {finding}));
  expect_golden("metrics_hostile.txt", metrics_of(hostile_snapshot(), Dialect::kPrometheus));
  expect_golden("metrics_empty.txt", metrics_of(empty_snapshot(), Dialect::kPrometheus));
}

TEST(Metrics, LabelsEscapeWhateverTheyHold) {
  EXPECT_EQ(label_text({{"process", "a\"b\\c\nd"}, {"pid", ""}, {"to", "x"}}),
            R"(process="a\"b\\c\\x0ad",to="x")");
  for (const std::string_view value : {"plain", "qu\"ote", "back\\slash", "a,b=\"c\"", "é"}) {
    const auto pairs = label_pairs(label_text({{"one", value}, {"two", "2"}}));
    ASSERT_EQ(pairs.size(), 2u) << value;
    EXPECT_EQ(pairs[0].second, value);
    EXPECT_EQ(pairs[1], (std::pair<std::string, std::string>("two", "2")));
  }
}

TEST(Metrics, BucketsAreTheKernelsOwnBorders) {
  Histogram histogram;
  histogram.add(tw_bucket_of(15'999), 1);     // below 16 us
  histogram.add(tw_bucket_of(16'000), 2);     // the border itself: of the next one
  histogram.add(tw_bucket_of(1'000'000), 4);  // below 1.024 ms
  histogram.add(tw_bucket_of(99'000'000'000), 8);
  histogram.add_seconds(3);
  Exposition out(Dialect::kPrometheus);
  out.family("x", MetricType::kHistogram, "help");
  out.sample("", histogram);
  const auto series = series_of(out.take());
  EXPECT_EQ(series.at(R"(x_bucket{le="1.6e-05"})"), 1);
  EXPECT_EQ(series.at(R"(x_bucket{le="3.2e-05"})"), 3);
  EXPECT_EQ(series.at(R"(x_bucket{le="0.001024"})"), 7);
  EXPECT_EQ(series.at(R"(x_bucket{le="33.554432"})"), 7);
  EXPECT_EQ(series.at(R"(x_bucket{le="+Inf"})"), 15);
  EXPECT_EQ(series.at("x_count"), 15);
  EXPECT_EQ(series.at("x_sum"), 3);
}

class MetricsOfAStream : public testing::Test {
 protected:
  explicit MetricsOfAStream() : metrics(MetricsOptions{}) {}

  std::map<std::string, double> tick() {
    metrics.add(stream.tick(), {});
    return series_of(text_of(metrics));
  }

  Stream stream;
  Metrics metrics;
};

TEST_F(MetricsOfAStream, CountersGrowByWhatHappened) {
  Slot slot(1, flow_key(TW_ROLE_OUT, make_worker(42, 1), "10.0.0.5:6379"));
  stream.send(slot.connect(TW_ESTABLISHED, 3).fail(TW_REASON_ECONNREFUSED, 2));
  auto series = tick();
  const std::string who = R"(process="nginx",pid="42")";
  EXPECT_EQ(series.at("tcpwatch_connects_total{" + who + "}"), 5);
  EXPECT_EQ(series.at("tcpwatch_connect_failures_total{" + who +
                      R"(,destination="10.0.0.5:6379",netns="1",reason="ECONNREFUSED"})"),
            2);
  EXPECT_EQ(series.at("tcpwatch_connections{" + who + R"(,state="ESTABLISHED"})"), 3);
  EXPECT_EQ(series.at(R"(tcpwatch_state_transitions_total{process="nginx",from="CLOSE",)"
                      R"(to="SYN_SENT"})"),
            5);
  stream.send(slot.connect());
  series = tick();
  EXPECT_EQ(series.at("tcpwatch_connects_total{" + who + "}"), 6);
  series = tick();
  EXPECT_EQ(series.at("tcpwatch_connects_total{" + who + "}"), 6);
}

TEST_F(MetricsOfAStream, SeriesVanishWithTheirWorker) {
  Slot slot(1, flow_key(TW_ROLE_OUT, make_worker(42, 1), "10.0.0.5:6379"));
  stream.send(slot.connect(TW_SYN_SENT));
  EXPECT_EQ(sum_of(tick(), "tcpwatch_connects_total"), 1);
  stream.send(slot.step(TW_SYN_SENT, TW_CLOSE));
  stream.gone(1);
  std::map<std::string, double> series;
  for (int second = 0; second < 90; ++second) series = tick();
  EXPECT_EQ(sum_of(series, "tcpwatch_connects_total"), 0);
  // What is counted per process waits for the next of its name.
  EXPECT_EQ(sum_of(series, "tcpwatch_state_transitions_total"), 2);
  for (int second = 0; second < 400; ++second) series = tick();
  EXPECT_EQ(sum_of(series, "tcpwatch_state_transitions_total"), 0);
}

// A thousand workers come and go; the sum over all series is what the snapshots counted.
TEST(Metrics, NothingIsCountedTwiceOrForgottenWhenSeriesFold) {
  Stream stream;
  Metrics metrics(MetricsOptions{.max_series = 10, .pids = false});
  std::vector<Slot> slots;
  for (std::uint32_t i = 0; i < 40; ++i)
    slots.emplace_back(i, flow_key(TW_ROLE_OUT, make_worker(100 + i, 1), "10.0.0.5:6379"),
                       fmt::format("job-{}", i));
  std::uint64_t made = 0;
  for (std::uint32_t round = 0; round < 5; ++round) {
    for (Slot& slot : slots) {
      if ((slot.number + round) % 3 == 0) continue;
      stream.send(slot.connect(TW_ESTABLISHED, slot.number + 1));
      made += slot.number + 1;
    }
    metrics.add(stream.tick(), {});
    const auto series = series_of(text_of(metrics));
    EXPECT_EQ(sum_of(series, "tcpwatch_connects_total"), static_cast<double>(made));
    std::size_t sets = 0;
    for (const auto& [key, value] : series) sets += key.starts_with("tcpwatch_connects_total{");
    EXPECT_LE(sets, 11u);  // and the others
    EXPECT_GT(series.at(R"(tcpwatch_connects_total{process="other"})"), 0);
    EXPECT_GT(series.at("tcpwatch_folded_series_total"), 0);
  }
}

// What may count later begins at 0, or increase() would not see the first time.
TEST(Metrics, CountersOfTroubleBeginAtZero) {
  Snapshot snapshot = empty_snapshot();
  for (int i = 0; i < 3; ++i) {
    Listener& listener = snapshot.listeners.emplace_back();
    listener.address = fmt::format("0.0.0.0:{}", 80 + i);
    listener.comm = "nginx";
  }
  Worker worker;
  worker.id = {42, 1};
  worker.comm = "nginx";
  snapshot.workers.push_back(worker);
  Destination destination;
  destination.address = "10.0.0.5:6379";
  Traffic made;
  made.connects = 1;
  const auto once = std::make_shared<const Traffic>(made);
  destination.routes.push_back({{42, 1}, once, once, nullptr});
  snapshot.destinations.push_back(destination);
  const auto zeros = [&](std::size_t most) {
    Metrics metrics(MetricsOptions{.max_series = most});
    metrics.add(std::make_shared<Snapshot>(snapshot), {});
    std::map<std::string, int> zero;
    for (const auto& [key, value] : series_of(text_of(metrics)))
      if (value == 0) ++zero[key.substr(0, key.find('{'))];
    EXPECT_EQ(zero["tcpwatch_folded_series_total"], 1) << "nothing is folded for them";
    return zero;
  };
  auto all = zeros(1000);
  EXPECT_EQ(all["tcpwatch_accept_queue_overflows_total"], 6);
  EXPECT_EQ(all["tcpwatch_connect_failures_total"], 1);
  EXPECT_EQ(zeros(8)["tcpwatch_accept_queue_overflows_total"], 4) << "half of the table";
}

TEST(Metrics, OfAReuseportGroupTheFullestQueueSpeaks) {
  Snapshot snapshot = empty_snapshot();
  for (const std::uint32_t now : {3U, 90U, 5U}) {
    Listener& listener = snapshot.listeners.emplace_back();
    listener.address = "0.0.0.0:80";
    listener.queue_now = now;
    listener.queue_peak = now + 1;
    listener.queue_limit = 100;
  }
  Metrics metrics({});
  metrics.add(std::make_shared<Snapshot>(snapshot), {});
  const auto series = series_of(text_of(metrics));
  EXPECT_EQ(series.at(R"(tcpwatch_accept_queue_length{listener="0.0.0.0:80"})"), 90);
  EXPECT_EQ(series.at(R"(tcpwatch_accept_queue_peak{listener="0.0.0.0:80"})"), 91);
  EXPECT_EQ(series.at(R"(tcpwatch_accept_queue_limit{listener="0.0.0.0:80"})"), 100);
}

TEST(Metrics, AddressesOfOtherNamespacesAreToldApart) {
  Snapshot snapshot = empty_snapshot();
  for (const std::uint32_t netns : {7U, 8U}) {
    Listener& listener = snapshot.listeners.emplace_back();
    listener.address = "0.0.0.0:80";
    listener.netns = netns;
  }
  Metrics metrics(MetricsOptions{.netns = 7});
  metrics.add(std::make_shared<Snapshot>(snapshot), {});
  const std::string text = text_of(metrics);
  EXPECT_THAT(text, HasSubstr("tcpwatch_accept_queue_length{listener=\"0.0.0.0:80\"} 0"));
  EXPECT_THAT(text,
              HasSubstr("tcpwatch_accept_queue_length{listener=\"0.0.0.0:80\",netns=\"8\"} 0"));
}

TEST(Metrics, RunsOfProgramsAreAbsentRatherThanZero) {
  Metrics metrics({});
  EXPECT_THAT(text_of(metrics), Not(HasSubstr("tcpwatch_bpf_runs")));
}

TEST(Metrics, OtlpHoldsTheSameNumbers) {
  Metrics metrics({});
  metrics.add(std::make_shared<Snapshot>(incident_snapshot()), {});
  OtlpWriter out({"web-7", "0.1.0", 1.7e9, 1'700'000'100'000'000'000});
  metrics.write(out, {});
  const auto request = nlohmann::json::parse(out.take());
  const auto& resource = request.at("resourceMetrics").at(0);
  const auto& list = resource.at("scopeMetrics").at(0).at("metrics");
  const auto series = series_of(text_of(metrics));
  double connects = 0;
  double buckets = 0;
  double count = 0;
  for (const auto& metric : list) {
    if (metric.at("name") == "tcpwatch_connects_total") {
      EXPECT_EQ(metric.at("sum").at("aggregationTemporality"), 2);
      EXPECT_EQ(metric.at("sum").at("isMonotonic"), true);
      for (const auto& point : metric.at("sum").at("dataPoints"))
        connects += std::stod(point.at("asInt").get<std::string>());
    }
    if (metric.at("name") == "tcpwatch_connect_duration_seconds")
      for (const auto& point : metric.at("histogram").at("dataPoints")) {
        EXPECT_EQ(point.at("bucketCounts").size(), point.at("explicitBounds").size() + 1);
        count += std::stod(point.at("count").get<std::string>());
        for (const auto& bucket : point.at("bucketCounts"))
          buckets += std::stod(bucket.get<std::string>());
      }
  }
  EXPECT_GT(connects, 0);
  EXPECT_EQ(connects, sum_of(series, "tcpwatch_connects_total"));
  EXPECT_GT(count, 0);
  EXPECT_EQ(buckets, count);
}

}  // namespace
}  // namespace tcpwatch::test

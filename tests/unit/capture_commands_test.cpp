// SPDX-License-Identifier: Apache-2.0
//
// Commands on captures, as users type them: no root, no kernel.
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <signal.h>
#include <sys/resource.h>

#include <algorithm>
#include <filesystem>
#include <map>
#include <nlohmann/json.hpp>
#include <random>
#include <regex>
#include <sstream>

#include "app/judged_stream.h"
#include "app/moment.h"
#include "app/recorder.h"
#include "base/clock.h"
#include "base/fixed_text.h"
#include "base/size.h"
#include "base/worker.h"
#include "events/make.h"
#include "model/model.h"
#include "support/temp_dir.h"
#include "unit/capture_stream.h"
#include "unit/cli_call.h"
#include "unit/view_golden.h"
#include "views/export.h"
#include "views/json.h"

#ifndef TCPWATCH_DATA_DIR
#define TCPWATCH_DATA_DIR "tests/data"
#endif

namespace tcpwatch::test {
namespace {

using testing::HasSubstr;

class CaptureCommands : public testing::Test {
 protected:
  void SetUp() override {
    records = mixed(600, 17);
    WriterLimits limits;
    limits.block_ns = 2'000'000'000;
    limits.state_ns = 10'000'000'000;
    ASSERT_EQ(write_capture(file("a.tcpw"), records, limits).size(), 1u);
  }
  std::string file(const std::string& name) const { return dir.path() + "/" + name; }

  TempDir dir;
  RecordBatch records;
};

TEST_F(CaptureCommands, TopReplaysWhatWasSeenLive) {
  std::string live;
  JudgedStream stream(Thresholds{}, Filter{});
  Severity worst = Severity::kInfo;
  records.for_each([&](const Record& record) {
    stream.on_record(record);
    if (!std::holds_alternative<const tw_tick*>(record)) return;
    live += view_json(stream.snapshot(), stream.findings()) + "\n";
    worst = std::max(worst, worst_severity(stream.findings()));
  });
  const Answer answer = call({"top", "--batch", "--json", "--replay", file("a.tcpw")});
  EXPECT_EQ(answer.code, 0) << answer.err;
  EXPECT_EQ(answer.out == live, true) << "the same snapshots and findings";
  const Answer doctor = call({"doctor", "--json", "--replay", file("a.tcpw")});
  EXPECT_EQ(doctor.code, static_cast<int>(worst)) << "its worst moment";
  EXPECT_THAT(doctor.out,
              HasSubstr(std::string(R"("verdict":")") +
                        (worst == Severity::kInfo ? "healthy" : severity_name(worst).data())));
}

TEST_F(CaptureCommands, TraceReplaysStories) {
  const Answer answer = call({"trace", "--json", "--replay", file("a.tcpw")});
  EXPECT_EQ(answer.code, 0);
  EXPECT_THAT(answer.out, HasSubstr("tcpwatch.trace/1"));
  EXPECT_THAT(answer.err, HasSubstr("records of kind 63"));
  const Answer part = call({"trace", "--json", "--replay", file("a.tcpw"), "--from", "-20s"});
  EXPECT_GT(part.out.size(), 0u);
  EXPECT_LT(part.out.size(), answer.out.size() / 2);
  EXPECT_THAT(answer.out, testing::EndsWith(part.out));
}

// nginx under drops that were only polled, recorded on a locked-down kernel.
TEST_F(CaptureCommands, TraceTellsOfDropsThatNoHookSaw) {
  const std::string recording = std::string(TCPWATCH_DATA_DIR) + "/incident-ports.tcpw";
  const Answer answer =
      call({"trace", "--json", "--failures", "--port", "8080", "--replay", recording});
  std::istringstream lines(answer.out);
  std::uint64_t told = 0, in_total = 0;
  for (std::string line; std::getline(lines, line);) {
    const auto story = nlohmann::json::parse(line);
    if (story["event"] != "drops" || story["polled"].is_null()) continue;
    told += story["polled"]["syn"].get<std::uint64_t>();
    in_total = story["overflows"]["syn"];
  }
  EXPECT_GT(in_total, 1000U);
  EXPECT_EQ(told, in_total);
}

// The agent's file of settings: doctor, top and report judge by its thresholds too.
TEST_F(CaptureCommands, JudgeByTheThresholdsOfAFile) {
  const std::string leak = std::string(TCPWATCH_DATA_DIR) + "/incident-leak.tcpw";
  dir.write("patient.toml", "[thresholds]\nclose-wait = 1000000\nclose-wait-growing = 1000000\n");
  dir.write("wrong.toml", "[thresholds]\nclose-wait = 9\nclose-wiat-growing = 5\n");
  const std::vector<std::vector<std::string>> commands{{"doctor", "--json", "--replay", leak},
                                                       {"top", "--json", "--replay", leak},
                                                       {"report", leak}};
  for (std::vector<std::string> command : commands) {
    EXPECT_THAT(call(command).out, HasSubstr("close-wait-leak")) << command.front();
    command.insert(command.end(), {"--config", file("patient.toml")});
    const Answer patient = call(command);
    EXPECT_GT(patient.out.size(), 200U) << patient.err;
    EXPECT_THAT(patient.out, testing::Not(HasSubstr("close-wait-leak"))) << command.front();
    command.back() = file("wrong.toml");
    const Answer wrong = call(command);
    EXPECT_EQ(wrong.code, 65);
    EXPECT_THAT(wrong.err, HasSubstr("wrong.toml:3: thresholds.close-wiat-growing: no such "
                                     "threshold; did you mean close-wait-growing?"));
  }
}

TEST_F(CaptureCommands, VerifySaysWhatIsDamaged) {
  EXPECT_EQ(call({"capture", "verify", file("a.tcpw")}).code, 0);
  std::string bytes = bytes_of(file("a.tcpw"));
  bytes[bytes.size() * 2 / 5] ^= 4;
  dir.write("b.tcpw", bytes);
  const Answer answer = call({"capture", "verify", file("b.tcpw")});
  EXPECT_EQ(answer.code, 65);
  EXPECT_THAT(answer.out, HasSubstr("DAMAGED"));
  const Answer shown = call({"top", "--batch", "--replay", file("b.tcpw")});
  EXPECT_EQ(shown.code, 0);
  EXPECT_THAT(shown.err, HasSubstr("1 block lost"));
}

// Host and wall clock come from the records then, and parts find each other.
TEST_F(CaptureCommands, ADamagedFileHeaderCostsNothing) {
  std::string bytes = bytes_of(file("a.tcpw"));
  bytes[100] ^= 4;
  dir.write("b.tcpw", bytes);
  const auto report_of = [&](const std::string& name) {
    const Answer answer = call({"report", "--json", file(name)});
    EXPECT_EQ(answer.code, 0) << answer.err;
    return nlohmann::json::parse(answer.out);
  };
  const auto whole = report_of("a.tcpw");
  const auto damaged = report_of("b.tcpw");
  for (const char* same : {"host", "from", "to", "intervals", "timeline"})
    EXPECT_EQ(damaged[same], whole[same]) << same;
  EXPECT_THAT(damaged["damage"].dump(), HasSubstr("header damaged"));
  const auto middle = *parse_moment(whole["from"].get<std::string>(), 0, 0) + 20'000'000'000;
  const auto from_middle = [&](const std::string& name) {
    return call({"top", "--batch", "--replay", file(name), "--from", format_rfc3339(middle)});
  };
  EXPECT_EQ(from_middle("b.tcpw").out, from_middle("a.tcpw").out);
  EXPECT_LT(from_middle("b.tcpw").out.size(),
            call({"top", "--batch", "--replay", file("a.tcpw")}).out.size());
  // The other part of the same recording, whole.
  WriterLimits limits;
  limits.max_age_ns = 20'000'000'000;
  const auto parts = write_capture(file("p.tcpw"), records, limits);
  ASSERT_GT(parts.size(), 2u);
  std::string part = bytes_of(parts[1]);
  part[100] ^= 4;
  dir.write("broken.tcpw", part);
  EXPECT_EQ(call({"top", "--batch", "--replay", parts[0], file("broken.tcpw"), parts[2]}).code, 0);
}

TEST_F(CaptureCommands, InfoTellsWhoseItIs) {
  const Answer answer = call({"capture", "info", file("a.tcpw")});
  EXPECT_EQ(answer.code, 0);
  for (const char* told : {"web-7", "6.18.44", "format 1", "(tick)", "(kind 63)", "closed"})
    EXPECT_THAT(answer.out, HasSubstr(told));
}

// A cut is a capture of its own: the same intervals, unknown kinds kept.
TEST_F(CaptureCommands, ACutHasTheSameIntervals) {
  const std::vector<std::string> window{"--from", "20s", "--to", "60s"};
  std::vector<std::string> cut{"capture", "cut", file("a.tcpw"), "-o", file("cut.tcpw")};
  cut.insert(cut.end(), window.begin(), window.end());
  const Answer made = call(cut);
  ASSERT_EQ(made.code, 0) << made.err;
  std::vector<std::string> top{"top", "--batch", "--replay", file("a.tcpw"), "--port", "1"};
  top.insert(top.end(), window.begin(), window.end());
  const Answer whole = call(top);
  const Answer part = call({"top", "--batch", "--replay", file("cut.tcpw"), "--port", "1"});
  EXPECT_GT(whole.out.size(), 1000u);
  // A listener's accepts are derived, and never fall: in a random stream they may seem to, and what
  // the model remembers of that from before the window shows in the first interval. Polled drops
  // without the ListenOverflows to go with them, as in such a stream, are remembered even longer.
  const auto behind_first = [](const std::string& text) {
    const std::regex dropped(" +~?[0-9.]+/s dropped .*");
    return std::regex_replace(text.substr(text.find("web-7", text.find("web-7") + 1)), dropped, "");
  };
  EXPECT_EQ(behind_first(whole.out), behind_first(part.out));
  EXPECT_THAT(call({"capture", "info", file("cut.tcpw")}).out, HasSubstr("(kind 63)"));
  EXPECT_EQ(call({"capture", "verify", file("cut.tcpw")}).code, 0);
  const Answer again = call(cut);
  EXPECT_EQ(again.code, 74);
  EXPECT_THAT(again.err, HasSubstr("File exists"));
}

TEST_F(CaptureCommands, MergeJoinsParts) {
  WriterLimits limits;
  limits.max_age_ns = 20'000'000'000;
  const auto parts = write_capture(file("p.tcpw"), records, limits);
  ASSERT_GT(parts.size(), 2u);
  std::vector<std::string> merge{"capture", "merge", "-o", file("all.tcpw")};
  merge.insert(merge.end(), parts.begin(), parts.end());
  ASSERT_EQ(call(merge).code, 0);
  auto merged = FileReader::open(file("all.tcpw"));
  ASSERT_TRUE(merged);
  EXPECT_TRUE(same(read_capture(*merged), records));
}

TEST_F(CaptureCommands, PartsOfARecordingAreTold) {
  EXPECT_EQ(PartNames("a.tcpw", false, 0).kept(), "a.tcpw");
  PartNames names(file("p.tcpw"), true, 2);
  names.name(1);
  EXPECT_EQ(names.kept(), file("p-0001.tcpw"));
  names.name(2);
  names.name(3);
  EXPECT_EQ(names.kept(), file("p-0002.tcpw") + " to " + file("p-0003.tcpw"));
}

TEST_F(CaptureCommands, MistakesAreTold) {
  const auto code = [](std::vector<std::string> words) { return call(std::move(words)).code; };
  dir.write("text", "no capture");
  EXPECT_EQ(code({"capture", "info", file("text")}), 65);
  EXPECT_EQ(code({"capture", "info", file("none")}), 65);
  EXPECT_EQ(code({"top", "--batch", "--replay", file("a.tcpw"), "--from", "soon"}), 64);
  for (const std::vector<std::string>& missed :
       {std::vector<std::string>{"doctor", "--replay", file("a.tcpw"), "--from", "2h"},
        {"top", "--batch", "--replay", file("a.tcpw"), "--from", "2h"},
        {"report", file("a.tcpw"), "--from", "2h"},
        {"capture", "cut", "-o", file("cut.tcpw"), file("a.tcpw"), "--from", "2h"}}) {
    const Answer answer = call(missed);
    EXPECT_EQ(answer.code, 64) << missed[0];
    EXPECT_EQ(answer.out, "");
    EXPECT_THAT(answer.err, HasSubstr("nothing was recorded"));
  }
  EXPECT_FALSE(std::filesystem::exists(file("cut.tcpw")));
  EXPECT_EQ(code({"doctor", "--replay", file("a.tcpw"), "--from", "20.1s", "--to", "20.2s"}), 3)
      << "no interval ends there: not healthy";
  EXPECT_EQ(code({"top", "--batch", "--replay", file("a.tcpw"), "--from", "20s", "--to", "5s"}),
            64);
  EXPECT_EQ(code({"record", "-o", file("none/x.tcpw"), "--duration", "1s"}), 74);
  EXPECT_EQ(code({"record", "-o", file("a.tcpw"), "--duration", "1s"}), 74) << "never written over";
  EXPECT_EQ(code({"record", "-o", file("x.tcpw"), "--max-size", "lots"}), 64);
  EXPECT_EQ(code({"record", "-o", file("x.tcpw"), "--detail", "all"}), 64);
}

// The sums of a report are those of the intervals it is made of.
TEST_F(CaptureCommands, AReportAddsUp) {
  Model model;
  std::uint64_t connects = 0;
  std::uint64_t failures = 0;
  records.for_each([&](const Record& record) {
    model.on_record(record);
    if (!std::holds_alternative<const tw_tick*>(record)) return;
    connects += model.snapshot()->delta.connects;
    failures += model.snapshot()->delta.connect_failures();
  });
  const Answer answer = call({"report", "--json", file("a.tcpw")});
  ASSERT_EQ(answer.code, 0) << answer.err;
  const auto report = nlohmann::json::parse(answer.out);
  EXPECT_EQ(report["schema"], "tcpwatch.report/1");
  EXPECT_EQ(report["host"], "web-7");
  const auto& totals = report["summary"]["totals"];
  EXPECT_EQ(totals["connects"], connects);
  std::uint64_t told = 0;
  for (const auto& count : totals["connect_failures"]) told += count.get<std::uint64_t>();
  EXPECT_EQ(told, failures);
  EXPECT_GT(failures, 0u);
  EXPECT_EQ(report["timeline"]["connects_per_second"].size(), 76u);
  const Answer text = call({"report", file("a.tcpw")});
  for (const char* part : {"web-7", "TIME LINE", "failures", "WORKERS", "records of kinds"})
    EXPECT_THAT(text.out, HasSubstr(part));
  const Answer compared = call({"report", "--compare", file("a.tcpw"), file("a.tcpw")});
  EXPECT_EQ(compared.code, 0);
  EXPECT_THAT(compared.out, HasSubstr("CHANGE"));
  EXPECT_EQ(call({"report", "--compare", file("a.tcpw")}).code, 64);
}

TEST_F(CaptureCommands, TwoReportsAreToldSideBySide) {
  const std::string data = TCPWATCH_DATA_DIR;
  const Answer told =
      call({"report", "--compare", data + "/incident-slots.tcpw", data + "/incident-ports.tcpw"});
  EXPECT_EQ(told.code, 0) << told.err;
  expect_golden("report_compared.txt", told.out);
}

// The same minute on two hosts, one of whose clocks is 30 s ahead.
TEST_F(CaptureCommands, HostsStandSideBySideByTheirOwnClocks) {
  std::vector<std::string> paths;
  for (const std::uint64_t ahead : {0, 30}) {
    RecordBatch moved;
    records.for_each([&](const Record& record) {
      std::visit(
          [&](const auto* typed) {
            auto copy = *typed;
            if constexpr (std::is_same_v<decltype(copy), tw_host>) {
              set_text(copy.hostname, ahead == 0 ? "web-1" : "web-2");
              copy.realtime_ns += ahead * 1'000'000'000;
            }
            moved.append(copy);
          },
          record);
    });
    paths.push_back(write_capture(file("clock" + std::to_string(ahead) + ".tcpw"), moved).at(0));
  }
  const Answer answer = call({"report", "--json", paths[0], paths[1]});
  ASSERT_EQ(answer.code, 0) << answer.err;
  const auto end = answer.out.find('\n');
  const auto first = nlohmann::json::parse(answer.out.substr(0, end));
  const auto second = nlohmann::json::parse(answer.out.substr(end));
  EXPECT_EQ(first["host"], "web-1");
  EXPECT_EQ(second["host"], "web-2");
  EXPECT_EQ(second["clock_note"], "by its own clock; begins 30s after the first one here");
  for (const char* same : {"from", "cell_seconds"})
    EXPECT_EQ(first["timeline"][same], second["timeline"][same]) << same;
  const auto& series = second["timeline"]["accepts_per_second"];
  EXPECT_TRUE(series.front().is_null()) << "it began later";
  EXPECT_FALSE(first["timeline"]["accepts_per_second"].front().is_null());
  EXPECT_FALSE(series.back().is_null());
  const Answer text = call({"report", paths[0], paths[1]});
  EXPECT_THAT(text.out, HasSubstr("by its own clock; begins 30s after the first one here"));
  EXPECT_LT(text.out.find("web-1"), text.out.find("web-2"));
  const Answer page = call({"report", "--html", "-", paths[0], paths[1]});
  EXPECT_THAT(page.out, HasSubstr("begins 30s after the first one here"));
  for (const std::vector<std::string>& one : {std::vector<std::string>{"export"},
                                              {"top", "--batch", "--replay"},
                                              {"doctor", "--replay"}}) {
    std::vector<std::string> words = one;
    words.insert(words.end(), paths.begin(), paths.end());
    const Answer refused = call(words);
    EXPECT_EQ(refused.code, 64) << one.front();
    EXPECT_THAT(refused.err, HasSubstr("host")) << one.front();
  }
}

// Each record of a kind with a table is a line, and each line is what it says.
TEST_F(CaptureCommands, ExportsTellEveryRecord) {
  std::uint64_t known = 0;
  std::uint64_t flows = 0;
  records.for_each([&](const Record& record) {
    const bool without_table = std::holds_alternative<const tw_gone*>(record) ||
                               std::holds_alternative<const tw_self*>(record);
    known += without_table ? 0 : 1;
    flows += std::holds_alternative<const tw_flow_record*>(record) ? 1 : 0;
  });
  const Answer lines = call({"export", file("a.tcpw")});
  ASSERT_EQ(lines.code, 0) << lines.err;
  EXPECT_EQ(static_cast<std::uint64_t>(std::ranges::count(lines.out, '\n')), known);
  const auto first = nlohmann::json::parse(lines.out.substr(0, lines.out.find('\n')));
  EXPECT_EQ(first["kind"], "host");
  EXPECT_EQ(first["host"], "web-7");

  const Answer csv = call({"export", "--format", "csv", "--table", "flow", file("a.tcpw")});
  EXPECT_EQ(static_cast<std::uint64_t>(std::ranges::count(csv.out, '\n')), flows + 1);
  const auto columns = [](std::string_view line) { return std::ranges::count(line, ','); };
  const std::size_t end = csv.out.find('\n');
  EXPECT_EQ(columns(csv.out.substr(0, end)),
            columns(csv.out.substr(end + 1, csv.out.find('\n', end + 1) - end - 1)));

  const Answer perfetto = call({"export", "--format", "perfetto", file("a.tcpw")});
  EXPECT_GT(nlohmann::json::parse(perfetto.out)["traceEvents"].size(), flows / 2);
  EXPECT_EQ(call({"export", "--format", "csv", file("a.tcpw")}).code, 64);
  EXPECT_EQ(call({"export"}).code, 64);
}

// A server's connections all have its port: each gets a track that is free for as long as it lasts.
TEST(CaptureExport, SlicesOfATrackDoNotOverlap) {
  constexpr std::uint64_t kUptime = 80'364'080'190'957'001;  // years
  PerfettoTrace trace;
  std::string text = "[{}";
  std::mt19937 random(1);
  std::size_t most = 0;
  auto first = new_record<tw_host>(kUptime);
  EXPECT_FALSE(trace.events(&first));
  for (std::uint64_t i = 1; i <= 2000; ++i) {
    auto record = new_record<tw_closed>(kUptime + i * 1'000'003);
    record.worker = make_worker(100 + i % 2, 1);
    record.local.port = 443;
    record.role = TW_ROLE_IN;
    record.lifetime_ns = random() % 20 * 1'000'003;  // some begin as another ends
    set_text(record.comm, "nginx");
    text += ",\n" + *trace.events(&record);
  }
  std::map<std::pair<int, int>, std::vector<std::pair<double, double>>> tracks;
  for (const auto& event : nlohmann::json::parse(text + "]"))
    if (event.value("ph", "") == "X")
      tracks[{event["pid"], event["tid"]}].emplace_back(
          event["ts"], event["ts"].get<double>() + event["dur"].get<double>());
  for (auto& [track, slices] : tracks) {
    std::ranges::sort(slices);
    for (std::size_t i = 1; i < slices.size(); ++i)
      EXPECT_LE(slices[i - 1].second, slices[i].first) << track.second;
    most = std::max<std::size_t>(most, static_cast<std::size_t>(track.second));
  }
  EXPECT_LE(most, 12U) << "as many as there are connections at a time";
}

TEST(CaptureExport, ATrackIsNamedAfterItsWorker) {
  PerfettoTrace trace;
  auto gone = new_record<tw_process>(1);
  EXPECT_FALSE(trace.events(&gone)) << "it had ended: its name is not known";
  auto record = new_record<tw_closed>(7'000);
  record.worker = make_worker(100, 1);
  set_text(record.comm, "ng\"inx");
  const auto events = nlohmann::json::parse("[" + *trace.events(&record) + "]");
  ASSERT_EQ(events.size(), 3U);
  EXPECT_EQ(events[0]["name"], "process_name");
  EXPECT_EQ(events[0]["args"]["name"], "ng\"inx");
  EXPECT_EQ(events[1]["name"], "thread_name");
  EXPECT_EQ(events[1]["tid"], events[2]["tid"]);
}

// Names are anybody's choice: no formula for a spreadsheet, no line or column of its own.
TEST(CaptureExport, HostileNamesStayTheirCell) {
  auto record = new_record<tw_closed>(1);
  set_text(record.comm, "=1+1\",\n\x1b[2J");
  const Record view = &record;
  const std::string line = *export_csv(view, WallClock());
  EXPECT_EQ(line.find('\n'), std::string::npos);
  EXPECT_EQ(line.find('\x1b'), std::string::npos);
  EXPECT_THAT(line, HasSubstr("\"'=1+1\"\","));
  EXPECT_EQ(nlohmann::json::parse(*export_jsonl(view, WallClock()))["kind"], "closed");
}

// deploy/schema is what `export --schema` prints.
TEST(CaptureExport, SchemaFilesAreUpToDate) {
  for (const auto& [dialect, name] :
       {std::pair("duckdb", "duckdb.sql"), std::pair("clickhouse", "clickhouse.sql")}) {
    const Answer answer = call({"export", "--schema", dialect});
    EXPECT_EQ(answer.out, bytes_of(std::string("deploy/schema/") + name));
    for (const std::string_view table : export_tables()) {
      std::string in_sql(table);
      std::ranges::replace(in_sql, '-', '_');
      EXPECT_THAT(answer.out, HasSubstr("tcpwatch_" + in_sql + " ("));
    }
  }
}

// A full disk, played by a limit on the size of files: what was recorded stays, the error is told.
TEST_F(CaptureCommands, AFullDiskKeepsWhatIsThere) {
  rlimit before{};
  ASSERT_EQ(::getrlimit(RLIMIT_FSIZE, &before), 0);
  const auto old = ::signal(SIGXFSZ, SIG_IGN);
  CaptureWriter writer({}, {.block_bytes = 65536, .block_ns = 2'000'000'000},
                       [&](std::uint32_t) { return file("full.tcpw"); });
  ASSERT_TRUE(writer.open());
  const rlimit small{20'000, before.rlim_max};
  ::setrlimit(RLIMIT_FSIZE, &small);
  const auto written = writer.append(mixed(4000, 3).bytes());
  const auto closed = writer.close();
  ::setrlimit(RLIMIT_FSIZE, &before);
  ::signal(SIGXFSZ, old);
  ASSERT_FALSE(written);
  EXPECT_EQ(written.error().kind, ErrorKind::kInputOutput);
  EXPECT_THAT(written.error().message, HasSubstr("full.tcpw"));
  auto kept = FileReader::open(file("full.tcpw"));
  ASSERT_TRUE(kept);
  EXPECT_GT(kept->blocks().size(), 3u);
  EXPECT_FALSE(kept->damage().any()) << "no half block is left behind";
  EXPECT_EQ(read_capture(*kept).for_each([](const Record&) {}).records > 100, true);
}

TEST(CaptureSize, Parses) {
  EXPECT_EQ(*parse_size("65536"), 65536u);
  EXPECT_EQ(*parse_size("100M"), 100u << 20);
  EXPECT_EQ(*parse_size("2GiB"), 2ull << 30);
  for (const char* text : {"", "M", "-1", "1.5M", "10X", "99999999999T", "1MM"})
    EXPECT_FALSE(parse_size(text)) << text;
}

TEST(CaptureMoment, Parses) {
  constexpr std::uint64_t kSecond = 1'000'000'000;
  constexpr std::uint64_t kBegin = 1'763'689'512 * kSecond;  // 2025-11-21T01:45:12Z
  const auto moment = [&](const char* text) {
    return *parse_moment(text, kBegin, kBegin + 100 * kSecond);
  };
  EXPECT_EQ(moment("2025-11-21T01:45:12Z"), kBegin);
  EXPECT_EQ(moment("2025-11-21T01:45:12.5Z"), kBegin + kSecond / 2);
  EXPECT_EQ(moment("01:45:20"), kBegin + 8 * kSecond);
  EXPECT_EQ(moment("01:46"), kBegin + 48 * kSecond);
  EXPECT_EQ(moment("00:10"), kBegin + (22 * 3600 + 24 * 60 + 48) * kSecond) << "the next day";
  EXPECT_EQ(moment("30s"), kBegin + 30 * kSecond);
  EXPECT_EQ(moment("-30s"), kBegin + 70 * kSecond);
  for (const char* text : {"", "soon", "25:00", "01:45x", "2025-11-21"})
    EXPECT_FALSE(parse_moment(text, kBegin, kBegin)) << text;
}

}  // namespace
}  // namespace tcpwatch::test

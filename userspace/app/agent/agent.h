// SPDX-License-Identifier: Apache-2.0
//
// The service: hooks attached once, then an interval after the other: judge, publish, log, and
// write a capture when something is wrong. Everything slow or reachable from outside happens in
// other threads. One object per process.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <string>

#include "app/agent/incident_recorder.h"
#include "app/agent/journal.h"
#include "app/agent/line_sink.h"
#include "app/agent/nginx_status.h"
#include "app/agent/otlp_push.h"
#include "app/agent/publisher.h"
#include "app/agent/settings.h"
#include "app/agent/supervisor.h"
#include "app/agent/triggers.h"
#include "app/agent/web_server.h"
#include "app/judged_stream.h"
#include "app/options.h"
#include "kernel/tracer.h"

namespace tcpwatch {

class Agent {
 public:
  // `reload`: the settings anew, for SIGHUP.
  Agent(Settings settings, std::function<Result<Settings>()> reload);

  // Until SIGTERM or Ctrl-C.
  Result<> run(const Options& options);

 private:
  Result<> open();
  Result<> serve();
  Result<> attached();
  bool on_tick(Tracer& tracer);
  void read_settings_again();
  void start_pushing();
  void start_reading_pages();
  void write_textfile();
  void tell_pages(RecordSink& sink);
  void write_lines(const Snapshot& snapshot);
  AgentFacts facts(Tracer& tracer);
  void complain_once(std::string& last, const std::string& now);

  Settings settings_;
  std::function<Result<Settings>()> reload_;
  Supervisor supervisor_;
  Journal journal_;
  JudgedStream stream_;
  IncidentRecorder recorder_;
  Triggers triggers_;
  Publisher publisher_;
  std::unique_ptr<LineSink> lines_;
  std::unique_ptr<NginxStatus> nginx_;
  std::unique_ptr<OtlpPush> push_;
  OtlpPush::Counts pushes_;  // of those before it
  std::unique_ptr<WebServer> web_;

  std::uint64_t intervals_ = 0;
  std::uint64_t textfile_due_ns_ = 0;
  std::uint64_t textfile_errors_ = 0;
  std::uint64_t reloads_ = 0;
  std::uint64_t failed_reloads_ = 0;
  bool programs_counted_ = false;
  std::string textfile_error_;
  std::string push_error_;
  std::string nginx_error_;
};

}  // namespace tcpwatch

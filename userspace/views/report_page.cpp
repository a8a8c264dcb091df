// SPDX-License-Identifier: Apache-2.0
#include <fmt/format.h>

#include "base/clock.h"
#include "base/text.h"
#include "views/page_json.h"
#include "views/page_parts.h"
#include "views/report.h"

namespace tcpwatch {
namespace {

// Between tags and in attributes.
std::string html(std::string_view text) {
  std::string safe;
  for (const char letter : text) {
    switch (letter) {
      case '&':
        safe += "&amp;";
        break;
      case '<':
        safe += "&lt;";
        break;
      case '>':
        safe += "&gt;";
        break;
      case '"':
        safe += "&quot;";
        break;
      case '\'':
        safe += "&#39;";
        break;
      default:
        safe += letter;
    }
  }
  return safe;
}

// JSON inside <script>: nothing in it may look like a tag. Its strings alone can hold such letters.
std::string script_data(const std::string& json) {
  std::string safe;
  safe.reserve(json.size());
  for (const char letter : json) {
    if (letter == '<' || letter == '>' || letter == '&')
      safe += fmt::format("\\u{:04x}", static_cast<unsigned>(letter));
    else
      safe += letter;
  }
  return safe;
}

void append(std::string& page, const PagePart& part) {
  for (const std::string_view piece : part.pieces) page += piece;
}

std::string title_of(const std::vector<ReportData>& reports) {
  std::string title = "tcpwatch:";
  for (const ReportData& report : reports) title += " " + sanitize(report.summary.host);
  return reports.empty() ? title : title + ", " + format_rfc3339(reports.front().begin_ns);
}

}  // namespace

std::string report_page(const std::vector<ReportData>& reports) {
  // Nothing but the page's own script and style, and nothing from anywhere else.
  std::string page = fmt::format(
      "<!DOCTYPE html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n"
      "<meta http-equiv=\"Content-Security-Policy\" content=\"default-src 'none'; "
      "script-src '{}'; style-src '{}'; base-uri 'none'; form-action 'none'\">\n"
      "<meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n"
      "<meta name=\"color-scheme\" content=\"light dark\">\n<meta name=\"referrer\" "
      "content=\"no-referrer\">\n<title>{}</title>\n<style>",
      page_script().hash, page_style().hash, html(title_of(reports)));
  append(page, page_style());
  page += "</style>\n</head>\n<body>\n<main id=\"report\"></main>\n<noscript>\n";
  for (const ReportData& report : reports)
    page += "<pre>" + html(report_text(report, ReportStyle{})) + "</pre>\n";
  page += "</noscript>\n<script type=\"application/json\" id=\"data\">" +
          script_data(page_json(reports)) + "</script>\n<script>";
  append(page, page_script());
  return page + "</script>\n</body>\n</html>\n";
}

}  // namespace tcpwatch

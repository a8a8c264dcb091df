// SPDX-License-Identifier: Apache-2.0
//
// The tables of fields: the page of the documentation is made from them, and what the screen, JSON
// and that page rely on holds for each field.
#include <gtest/gtest.h>

#include <set>

#include "view_golden.h"
#include "views/field_page.h"
#include "views/fields.h"
#include "views/screen/finding_fields.h"
#include "views/sockets_fields.h"

namespace tcpwatch::test {
namespace {

TEST(Fields, ThePageOfTheDocumentationIsWhatTheTablesSay) {
  expect_golden("../../docs/fields.md", field_page());
}

template <typename Row>
void expect_sound(std::span<const Field<Row>> fields) {
  std::set<std::string_view> names;
  std::set<std::string_view> titles;
  std::set<std::string_view> keys;
  for (const Field<Row>& field : fields) {
    EXPECT_TRUE(names.insert(field.name).second) << field.name << " twice";
    EXPECT_FALSE(field.help.empty()) << field.name;
    EXPECT_EQ(field.help.find('|'), std::string_view::npos) << field.name << " breaks the page";
    EXPECT_NE(field.value, nullptr) << field.name;
    EXPECT_FALSE(field.title.empty() && field.json.empty()) << field.name << " is nowhere";
    if (!field.title.empty()) {
      EXPECT_TRUE(titles.insert(field.title).second) << field.title << " twice";
    }
    if (!field.json.empty()) {
      EXPECT_TRUE(keys.insert(field.json).second) << field.json << " twice";
    }
    if (field.meter) {
      EXPECT_EQ(field.unit, Unit::kShare) << field.name;
    }
  }
}

TEST(Fields, EachHasANameAHelpAndAPlace) {
  expect_sound(worker_fields());
  expect_sound(listener_fields());
  expect_sound(destination_fields());
  expect_sound(finding_fields());
  expect_sound(state_row_fields());
  expect_sound(process_row_fields());
  expect_sound(listener_row_fields());
  expect_sound(destination_row_fields());
}

}  // namespace
}  // namespace tcpwatch::test

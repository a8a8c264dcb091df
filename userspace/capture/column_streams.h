// SPDX-License-Identifier: Apache-2.0
//
// What columns.cpp is made of: the streams of one column, written and read, and the contexts that
// numbers are told against. Writer and reader take the same steps, so they keep the same contexts.
#pragma once

#include <cstddef>
#include <cstdint>
#include <unordered_map>
#include <vector>

#include "capture/numbers.h"
#include "capture/pack.h"
#include "capture/recent_ports.h"
#include "capture/shapes.h"

namespace tcpwatch {

inline constexpr std::size_t kTimeOffset = 8;  // of tw_header; nothing before it is a column

// The last numbers of each context: of a template, or of one socket.
class ContextTable {
 public:
  explicit ContextTable(std::size_t columns) : columns_(columns), last_(columns) {}

  // A new context begins as the one before it; null: there is no such one, nor is it the next.
  std::uint64_t* enter(std::size_t index) {
    if (index > count_) return nullptr;
    if (index == count_) {
      values_.insert(values_.end(), last_.begin(), last_.end());
      ++count_;
    }
    at_ = index;
    return values_.data() + index * columns_;
  }
  void leave() {
    const std::uint64_t* values = values_.data() + at_ * columns_;
    last_.assign(values, values + columns_);
  }

 private:
  std::size_t columns_;
  std::size_t count_ = 0;
  std::size_t at_ = 0;
  std::vector<std::uint64_t> values_;
  std::vector<std::uint64_t> last_;
};

// Of the record at hand.
class Contexts {
 public:
  explicit Contexts(std::size_t columns) : templates_(columns), idents_(columns) {}

  std::uint64_t* of_template(std::size_t index) { return enter(templates_, index); }
  std::uint64_t* of_ident(std::size_t index) { return enter(idents_, index); }
  void leave() { entered_->leave(); }

 private:
  std::uint64_t* enter(ContextTable& table, std::size_t index) {
    entered_ = &table;
    return table.enter(index);
  }

  ContextTable templates_;
  ContextTable idents_;
  ContextTable* entered_ = nullptr;
};

class ColumnWriter {
 public:
  NumberWriter numbers;

  void put_port(std::uint16_t port, std::uint16_t expected, WrittenPorts& ports);
  // Its context.
  std::size_t put_ident(std::uint64_t ident);
  void finish(Packer& packer, Bytes& out);

 private:
  Bytes codes_;
  std::unordered_map<std::uint64_t, std::size_t> idents_;
  std::uint64_t last_ident_ = 0;
};

class ColumnReader {
 public:
  NumberReader numbers;

  void open(ByteReader& in, std::size_t most, Unpacker& unpacker);
  std::uint16_t port(std::uint16_t expected, ReadPorts& ports);
  // The context of the next record; its value is put into `ident`.
  std::size_t ident(std::uint64_t& ident);
  bool complete() const { return codes_.complete() && numbers.complete(); }

 private:
  Bytes rooms_[3];
  ByteReader codes_;
  std::vector<std::uint64_t> idents_;
};

}  // namespace tcpwatch

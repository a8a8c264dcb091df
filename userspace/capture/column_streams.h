// SPDX-License-Identifier: Apache-2.0
//
// What columns.cpp is made of: the streams of one column, written and read, and the contexts that
// numbers are told against. Writer and reader take the same steps, so they keep the same contexts.
#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <vector>

#include "capture/flat_index.h"
#include "capture/numbers.h"
#include "capture/pack.h"
#include "capture/recent_ports.h"
#include "capture/shapes.h"

namespace tcpwatch {

inline constexpr std::size_t kTimeOffset = 8;  // of tw_header; nothing before it is a column

// The last numbers of each context: of a template, or of one socket.
class ContextTable {
 public:
  explicit ContextTable(std::size_t columns) : columns_(columns) {}

  // A new context begins as the one before it; null: there is no such one, nor is it the next.
  std::uint64_t* enter(std::size_t index) {
    if (index > count_) return nullptr;
    if (index == count_) add();
    at_ = index;
    return values_.data() + index * columns_;
  }
  void leave() { last_ = at_; }
  void clear() {
    count_ = 0;
    last_ = kNone;
    values_.clear();
  }

 private:
  static constexpr std::size_t kNone = ~std::size_t{0};

  void add() {
    values_.resize(++count_ * columns_);
    if (last_ != kNone)
      std::copy_n(values_.data() + last_ * columns_, columns_, values_.end() - columns_);
  }

  std::size_t columns_;
  std::size_t count_ = 0;
  std::size_t at_ = 0;
  std::size_t last_ = kNone;  // left, unlike at_
  std::vector<std::uint64_t> values_;
};

// Of the record at hand.
class Contexts {
 public:
  explicit Contexts(std::size_t columns) : templates_(columns), idents_(columns) {}

  std::uint64_t* of_template(std::size_t index) { return enter(templates_, index); }
  std::uint64_t* of_ident(std::size_t index) { return enter(idents_, index); }
  void leave() { entered_->leave(); }
  void clear() {
    templates_.clear();
    idents_.clear();
  }

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
  // Appends the streams, and is empty again; memory is kept.
  void finish(Packer& packer, Bytes& out);

 private:
  Bytes codes_;
  FlatIndex idents_;
  std::uint32_t ident_count_ = 0;
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

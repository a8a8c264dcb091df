// SPDX-License-Identifier: Apache-2.0
//
// Errors as values: Result<T> is either a T or an Error that says what failed and, as a hint for
// the user, what to do about it. Only app/ turns an Error into a message and an exit code.
#pragma once

#include <string>
#include <utility>
#include <variant>

namespace tcpwatch {

// The contract's exit codes (docs: "Exit codes").
enum class ErrorKind {
  kCannotTell = 3,  // no permission, kernel too old, hooks refused
  kUsage = 64,
  kBadInput = 65,
  kInputOutput = 74,
};

struct Error {
  ErrorKind kind = ErrorKind::kCannotTell;
  std::string message;  // what failed, on what: one line
  std::string hint;     // the remedy: one line, may be empty
};

struct Ok {};

template <typename T = Ok>
class [[nodiscard]] Result {
 public:
  Result(T value) : state_(std::move(value)) {}      // NOLINT(google-explicit-constructor)
  Result(Error error) : state_(std::move(error)) {}  // NOLINT(google-explicit-constructor)

  explicit operator bool() const { return std::holds_alternative<T>(state_); }
  T& operator*() & { return std::get<T>(state_); }
  const T& operator*() const& { return std::get<T>(state_); }
  T&& operator*() && { return std::get<T>(std::move(state_)); }
  T* operator->() { return &std::get<T>(state_); }
  const T* operator->() const { return &std::get<T>(state_); }
  Error& error() { return std::get<Error>(state_); }
  const Error& error() const { return std::get<Error>(state_); }

 private:
  std::variant<T, Error> state_;
};

}  // namespace tcpwatch

// The orders that relay and router take, one a line, numbers in decimal:
//
//   word FROM TO [NUMBER…]        e.g. "delay 0 2 30000 5000"
//
// Members are their places in the genesis; FROM → TO is one direction of a pair.
#pragma once

#include <optional>
#include <sstream>
#include <string>
#include <vector>

namespace sanad::tests {

struct Order {
  std::string word;
  std::size_t from = 0;
  std::size_t to = 0;
  std::vector<std::uint64_t> numbers;
};

// Nothing where the line is no order among `members`, or has not `count` numbers after the members.
inline std::optional<Order> parse_order(const std::string& line, std::size_t members) {
  std::istringstream in(line);
  Order order;
  if (!(in >> order.word >> order.from >> order.to)) return std::nullopt;
  if (order.from >= members || order.to >= members || order.from == order.to) return std::nullopt;
  for (std::uint64_t number = 0; in >> number;) order.numbers.push_back(number);
  return in.eof() ? std::optional(order) : std::nullopt;
}

}  // namespace sanad::tests

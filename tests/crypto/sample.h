// A struct with every kind of field that the archives know.
#pragma once

#include "crypto/codec.h"

namespace sanad::crypto::tests {

enum class Colour { kRed, kGreen, kBlue };
constexpr auto enum_names(Colour) {
  return std::array<std::string_view, 3>{"red", "green", "blue"};
}

struct Point {
  std::int32_t x = 0;
  std::uint8_t y = 0;
  friend bool operator==(const Point&, const Point&) = default;
  template <class Archive>
  void serialize(Archive& ar) {
    ar(SANAD_FIELD(x), SANAD_FIELD(y));
  }
};

using Choice = std::variant<std::uint64_t, Point, std::string>;

struct Sample {
  std::uint64_t count = 0;
  std::int64_t balance = 0;
  bool flag = false;
  Colour colour = Colour::kRed;
  Salt salt;
  Bytes blob;
  std::string text;
  std::vector<Point> points;
  std::optional<std::uint16_t> maybe;
  Choice choice;
  friend bool operator==(const Sample&, const Sample&) = default;
  template <class Archive>
  void serialize(Archive& ar) {
    ar(SANAD_FIELD(count), SANAD_FIELD(balance), SANAD_FIELD(flag), SANAD_FIELD(colour),
       SANAD_FIELD(salt), SANAD_FIELD_MAX(blob, 64), SANAD_FIELD_MAX(text, 32),
       SANAD_FIELD_MAX(points, 4), SANAD_FIELD(maybe), SANAD_FIELD(choice));
  }
};

inline Sample make_sample() {
  Sample sample;
  sample.count = 18'446'744'073'709'551'615U;
  sample.balance = -9'223'372'036'854'775'807 - 1;
  sample.flag = true;
  sample.colour = Colour::kBlue;
  sample.salt.bytes.fill(0xAB);
  sample.blob = {0, 1, 255};
  sample.text = "\xD8\xB3\xD9\x86\xD8\xAF \"quoted\\\"";
  sample.points = {{-1, 2}, {2'147'483'647, 255}};
  sample.maybe = 65'535;
  sample.choice = Point{5, 6};
  return sample;
}

}  // namespace sanad::crypto::tests

template <>
struct sanad::crypto::AlternativeNames<sanad::crypto::tests::Choice> {
  static constexpr std::array<std::string_view, 3> kNames = {"number", "point", "text"};
};

#include "crypto/codec_json.h"

#include <algorithm>
#include <boost/json/basic_parser_impl.hpp>

namespace sanad::crypto {

class JsonValue {
 public:
  JsonKind kind = JsonKind::kNull;
  std::int64_t number = 0;  // 0 or 1 for a bool
  std::string name;         // of a member
  std::string text;
  std::vector<JsonValue> children;  // members or items
};

namespace {

namespace json = boost::json;
using Kind = JsonKind;

// Builds JsonValues from the parser's events and refuses what Boost would let pass: duplicate
// names, fractions, -0, integers beyond 64 bits, too many values.
class Builder {
 public:
  static constexpr std::size_t max_object_size = kJsonMembersMax;
  static constexpr std::size_t max_array_size = kJsonItemsMax;
  static constexpr std::size_t max_key_size = kDefaultTextMax;
  static constexpr std::size_t max_string_size = kJsonTextMax;
  explicit Builder(std::size_t values_max) : values_max_(values_max) {}

  using Code = boost::system::error_code;
  using Text = json::string_view;

  bool on_document_begin(Code&) { return true; }
  bool on_document_end(Code&) { return true; }
  bool on_object_begin(Code& ec) { return open(Kind::kObject, ec); }
  bool on_object_end(std::size_t, Code&) { return close(); }
  bool on_array_begin(Code& ec) { return open(Kind::kArray, ec); }
  bool on_array_end(std::size_t, Code&) { return close(); }
  bool on_key_part(Text part, std::size_t, Code&) { return text_.append(part), true; }
  bool on_key(Text part, std::size_t, Code& ec) {
    text_.append(part);
    auto& members = open_.back()->children;
    const auto same = [this](const JsonValue& member) { return member.name == text_; };
    if (std::any_of(members.begin(), members.end(), same)) return refuse(Errc::kDuplicateKey, ec);
    members.emplace_back().name = std::exchange(text_, {});
    return true;
  }
  bool on_string_part(Text part, std::size_t, Code&) { return text_.append(part), true; }
  bool on_string(Text part, std::size_t, Code& ec) {
    JsonValue* value = add(Kind::kString, 0, ec);
    if (value == nullptr) return false;
    text_.append(part);
    value->text = std::exchange(text_, {});
    return true;
  }
  bool on_number_part(Text, Code&) { return true; }
  bool on_int64(std::int64_t value, Text text, Code& ec) {
    if (value == 0 && text.starts_with('-')) return refuse(Errc::kBadText, ec);
    return add(Kind::kNumber, value, ec) != nullptr;
  }
  bool on_uint64(std::uint64_t, Text, Code& ec) { return refuse(Errc::kOutOfRange, ec); }
  bool on_double(auto, Text, Code& ec) { return refuse(Errc::kUnexpectedType, ec); }
  bool on_bool(bool value, Code& ec) { return add(Kind::kBool, value ? 1 : 0, ec) != nullptr; }
  bool on_null(Code& ec) { return add(Kind::kNull, 0, ec) != nullptr; }
  bool on_comment_part(Text, Code&) { return true; }
  bool on_comment(Text, Code&) { return true; }

  JsonValue root;
  Errc refused = Errc::kNone;

 private:
  bool refuse(Errc code, Code& ec) {
    refused = code;
    ec = json::make_error_code(json::error::syntax);
    return false;
  }
  // The place of the value that comes now: the root, the member just named, or a new item.
  JsonValue* add(Kind kind, std::int64_t number, Code& ec) {
    if (++values_ > values_max_) return refuse(Errc::kTooLong, ec), nullptr;
    JsonValue* place = &root;
    if (!open_.empty()) {
      auto& siblings = open_.back()->children;
      if (open_.back()->kind == Kind::kArray) siblings.emplace_back();
      place = &siblings.back();
    }
    place->kind = kind;
    place->number = number;
    return place;
  }
  bool open(Kind kind, Code& ec) {
    JsonValue* place = add(kind, 0, ec);
    if (place != nullptr) open_.push_back(place);
    return place != nullptr;
  }
  bool close() { return open_.pop_back(), true; }

  // Only the innermost container grows, so the others stay where they are.
  std::vector<JsonValue*> open_;
  std::string text_;
  std::size_t values_max_;
  std::size_t values_ = 0;
};

Errc code_of(const boost::system::error_code& ec) {
  if (ec == json::error::too_deep) return Errc::kTooDeep;
  const bool too_large = ec == json::error::object_too_large ||
                         ec == json::error::array_too_large || ec == json::error::key_too_large ||
                         ec == json::error::string_too_large;
  if (too_large) return Errc::kTooLong;
  return ec == json::error::incomplete ? Errc::kTruncated : Errc::kBadText;
}

}  // namespace

// ------------------------------------------------------------------ writer

void JsonWriter::separate() {
  if (!first_) out_.push_back(',');
  first_ = false;
}

void JsonWriter::name(std::string_view name) {
  write_text(name);
  out_.push_back(':');
  first_ = true;
}

void JsonWriter::write_number(std::int64_t value) {
  separate();
  out_ += std::to_string(value);
}

void JsonWriter::write_text(std::string_view text) {
  assert(is_clean_text(text));
  separate();
  out_.push_back('"');
  for (const char c : text) {
    if (c == '"' || c == '\\') out_.push_back('\\');
    out_.push_back(c);
  }
  out_.push_back('"');
}

void JsonWriter::write_bool(bool value) {
  separate();
  out_ += value ? "true" : "false";
}

void JsonWriter::write_null() {
  separate();
  out_ += "null";
}

void JsonWriter::begin_object() {
  separate();
  out_.push_back('{');
  first_ = true;
}
void JsonWriter::end_object() {
  out_.push_back('}');
  first_ = false;
}
void JsonWriter::begin_array() {
  separate();
  out_.push_back('[');
  first_ = true;
}
void JsonWriter::end_array() {
  out_.push_back(']');
  first_ = false;
}

// ------------------------------------------------------------------ reader

JsonReader::JsonReader(std::string_view text, const JsonLimits& limits) : InputArchive(this) {
  places_.emplace_back();
  parse(text, limits);
}

void JsonReader::parse(std::string_view text, const JsonLimits& limits) {
  if (text.size() > limits.text_bytes) return fail_at(Errc::kTooLong, "the whole text");
  json::parse_options options;
  options.max_depth = kJsonDepthMax;
  json::basic_parser<Builder> parser(options, limits.values);
  boost::system::error_code ec;
  const std::size_t used = parser.write_some(false, text.data(), text.size(), ec);
  const std::string where = "byte " + std::to_string(used);
  if (ec) {
    const Errc refused = parser.handler().refused;
    return fail_at(refused == Errc::kNone ? code_of(ec) : refused, where);
  }
  if (used != text.size()) return fail_at(Errc::kTrailingBytes, where);
  root_ = std::make_unique<JsonValue>(std::move(parser.handler().root));
  places_.back().value = root_.get();
}

JsonReader::~JsonReader() = default;

Status JsonReader::finish() const {
  if (!failed()) return {};
  return Error{error_, "at " + error_at_};
}

std::string JsonReader::path() const {
  std::string path;
  for (auto place = places_.begin() + 1; place < places_.end(); ++place) {
    if (place->name.empty()) {
      path += "[" + std::to_string(place->index) + "]";
    } else {
      path += (path.empty() ? "" : ".") + std::string(place->name);
    }
  }
  return path.empty() ? "the root" : path;
}

void JsonReader::fail_at(Errc code, std::string where) {
  if (failed()) return;
  error_ = code;
  error_at_ = std::move(where);
}

void JsonReader::fail(Errc code) { fail_at(code, path()); }

bool JsonReader::expect(JsonKind kind) {
  if (failed()) return false;
  if (current()->kind != kind) fail(Errc::kUnexpectedType);
  return !failed();
}

std::int64_t JsonReader::read_number(std::int64_t min, std::int64_t max) {
  if (!expect(Kind::kNumber)) return 0;
  const std::int64_t number = current()->number;
  if (number < min || number > max) return fail(Errc::kOutOfRange), 0;
  return number;
}

std::string_view JsonReader::read_string(std::size_t max) {
  if (!expect(Kind::kString)) return {};
  const std::string& text = current()->text;
  if (text.size() > max) return fail(Errc::kTooLong), std::string_view();
  return text;
}

bool JsonReader::read_bool() { return expect(Kind::kBool) && current()->number == 1; }

bool JsonReader::read_null() { return !failed() && current()->kind == Kind::kNull; }

void JsonReader::begin_object() { (void)expect(Kind::kObject); }

void JsonReader::enter_member(std::string_view name) {
  Place next;
  next.name = name;
  if (expect(Kind::kObject)) {
    const auto& members = current()->children;
    const auto same = [name](const JsonValue& member) { return member.name == name; };
    const auto found = std::find_if(members.begin(), members.end(), same);
    if (found != members.end()) {
      places_.back().entered |= std::uint64_t{1} << (found - members.begin());
      next.value = &*found;
    }
  }
  places_.push_back(next);
  if (next.value == nullptr) fail(Errc::kMissingField);
}

void JsonReader::leave() { places_.pop_back(); }

void JsonReader::end_object() {
  if (!expect(Kind::kObject)) return;
  const auto& members = current()->children;
  for (std::size_t i = 0; i < members.size(); ++i) {
    if ((places_.back().entered >> i & 1) != 0) continue;
    // The name is the sender's: shown only if it can be shown.
    const std::string& name = members[i].name;
    Place unknown;
    unknown.name = is_clean_text(name) && !name.empty() ? std::string_view(name) : "?";
    places_.push_back(unknown);
    fail(Errc::kUnknownField);
    places_.pop_back();
    return;
  }
}

std::size_t JsonReader::begin_array(std::size_t max) {
  if (!expect(Kind::kArray)) return 0;
  const std::size_t count = current()->children.size();
  if (count > max) return fail(Errc::kTooLong), 0;
  return count;
}

void JsonReader::enter_item(std::size_t index) {
  Place next;
  next.index = index;
  if (expect(Kind::kArray)) next.value = &current()->children[index];
  places_.push_back(next);
}

std::string_view JsonReader::enter_only_member() {
  if (!expect(Kind::kObject)) return {};
  const auto& members = current()->children;
  if (members.size() != 1) return fail(Errc::kFieldCount), std::string_view();
  Place next;
  next.name = members.front().name;
  next.value = &members.front();
  places_.push_back(next);
  return next.name;
}

void load_bytes(JsonReader& ar, Bytes& bytes, std::size_t max) {
  bytes.clear();
  const std::string_view text = ar.read_string((max + 2) / 3 * 4);
  if (ar.failed()) return;
  auto decoded = from_base64(text);
  if (!decoded) return ar.fail(Errc::kBadText);
  if (decoded->size() > max) return ar.fail(Errc::kTooLong);
  bytes = std::move(decoded).value();
}

}  // namespace sanad::crypto

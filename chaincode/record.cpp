#include "chaincode/record.h"

#include <algorithm>

namespace sanad::chaincode {

Bytes encode_record(const Record& record) { return crypto::encode(record); }

Result<Record> decode_record(ByteView bytes) {
  if (bytes.size() > kRecordBytesMax) {
    return Error{crypto::Errc::kTooLong, "a record has at most 65535 bytes"};
  }
  SANAD_TRY(Record record, crypto::decode<Record>(bytes));
  if (record.version != kRecordVersion) {
    return Error{Errc::kUnknownVersion, "version " + std::to_string(record.version)};
  }
  const auto containers = containers_of(record);
  if (std::adjacent_find(containers.begin(), containers.end(), std::greater_equal<>()) !=
      containers.end()) {
    return Error{crypto::Errc::kNotAscending, "containers"};
  }
  return record;
}

Record make_commit_record(const CommitRecord& content) {
  Record record;
  record.height = content.height;
  record.time_ms = content.time_ms;
  record.content = content;
  return record;
}

std::span<const Handle> containers_of(const Record& record) {
  return std::visit(
      [](const auto& content) -> std::span<const Handle> {
        if constexpr (requires { content.containers; }) return content.containers;
        return {};
      },
      record.content);
}

const Hash* declaration_of(const Record& record) {
  return std::visit(
      [](const auto& content) -> const Hash* {
        if constexpr (requires { content.declaration; }) {
          return &content.declaration;
        } else if constexpr (requires { content.subject; }) {
          return content.statement == StatementKind::kAccuse ? nullptr : &content.subject;
        } else {
          return nullptr;
        }
      },
      record.content);
}

std::string_view wco_response(const Record& record) {
  switch (record.kind()) {
    case RecordKind::kDeclared:
      return "01";
    case RecordKind::kRefused:
      return declaration_of(record) ? "03" : "";
    case RecordKind::kHeld:
      return "05";
    case RecordKind::kAmended:
      return "07";
    case RecordKind::kReleased:
      return "08";
    case RecordKind::kCancelled:
      return "10";
    case RecordKind::kVerdict: {
      const Lane lane = std::get<VerdictGiven>(record.content).lane;
      return lane == Lane::kRed ? "05" : lane == Lane::kYellow ? "06" : "";
    }
    case RecordKind::kMoved:
      return std::get<Moved>(record.content).event == MoveEvent::kGateOut ? "16" : "";
    case RecordKind::kInspected:
    case RecordKind::kApproved:
    case RecordKind::kCommit:
    case RecordKind::kAccused:
      break;
  }
  return "";
}

Hash detail_digest(ByteView stored_detail) {
  return crypto::tagged_hash_bytes("detail", stored_detail);
}

}  // namespace sanad::chaincode

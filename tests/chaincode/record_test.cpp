#include "chaincode/record.h"

#include "sample.h"

namespace sanad::tests {
namespace {

Record sample_record(RecordContent content) {
  Record record;
  record.height = 123'456;
  record.time_ms = kGenesisMs;
  record.consignments.push_back(*Handle::from(reason().view()));
  record.n = 3;
  record.authority = "AE-DU";
  record.origin = Origin(StatementOrigin{reason(), 4000});
  record.content = std::move(content);
  return record;
}

std::vector<RecordContent> all_contents() {
  const Hash hash = reason();
  return {Declared{hash, {*Handle::from(hash.view())}},
          Amended{hash, hash, {*Handle::from(hash.view())}},
          Cancelled{hash, hash},
          VerdictGiven{hash, Lane::kRed, hash, hash},
          Inspected{hash, InspectionResult::kOffence, hash},
          HeldBack{hash, hash},
          Approved{hash, hash},
          Released{hash, ReleaseBasis::kTwoOfficers, hash},
          Moved{hash, MoveEvent::kGateOut, std::nullopt},
          Refused{StatementKind::kRelease, Code::kNotInspected, hash},
          CommitRecord{1, hash, 2, 3, hash, hash, hash, hash},
          Accused{"AE-DU", Fault::kConflictingBatches, 1, 2, hash}};
}

TEST_CASE("F9: a record of every kind is read as it was written, and is small") {
  const auto contents = all_contents();
  REQUIRE(contents.size() == kRecordKindNames.size());
  for (std::size_t i = 0; i < contents.size(); ++i) {
    INFO(kRecordKindNames[i]);
    const Record record = sample_record(contents[i]);
    CHECK(static_cast<std::size_t>(record.kind()) == i);
    const Bytes bytes = encode_record(record);
    const auto again = decode_record(bytes);
    REQUIRE(again.ok());
    CHECK(*again == record);
    CHECK(encode_record(*again) == bytes);
    CHECK(bytes.size() <= 320);
    if (i < 3) CHECK(bytes.size() <= 250);
  }
}

TEST_CASE("F9: the fields stand in the order of the format") {
  Record record = sample_record(Declared{Hash{}, {}});
  record.consignments.clear();
  record.origin = Origin(std::uint64_t{7});
  record.height = 5;
  record.time_ms = 6;
  record.n = 0;
  const Bytes bytes = encode_record(record);
  // [2, 0, 5, 6, [], 0, "AE-DU", [1, 7], [h'00…', []]]
  const Bytes start = {0x89, 2, 0, 5, 6, 0x80, 0, 0x65, 'A', 'E', '-', 'D', 'U', 0x82, 1, 7, 0x82};
  REQUIRE(bytes.size() == start.size() + 2 + 32 + 1);
  CHECK(bytes.back() == 0x80);
  CHECK(std::equal(start.begin(), start.end(), bytes.begin()));
}

TEST_CASE("F2: a record's bytes have one form, and other versions and kinds are refused") {
  const Bytes bytes = encode_record(sample_record(VerdictGiven{reason(), Lane::kBlue, {}, {}}));
  Bytes longer = bytes;
  longer.push_back(0);
  CHECK(decode_record(longer).error() == crypto::Errc::kTrailingBytes);
  for (std::size_t length = 0; length < bytes.size(); ++length) {
    CHECK_FALSE(decode_record(ByteView(bytes).first(length)).ok());
  }
  Bytes version = bytes;
  version[1] = 1;
  CHECK(decode_record(version).error() == Errc::kUnknownVersion);
  Bytes kind = bytes;
  kind[2] = 12;
  CHECK(decode_record(kind).error() == crypto::Errc::kUnknownEnumerator);
  // A kind whose content has another shape.
  kind[2] = static_cast<std::uint8_t>(RecordKind::kCommit);
  CHECK_FALSE(decode_record(kind).ok());
  CHECK(decode_record(Bytes(kRecordBytesMax + 1)).error() == crypto::Errc::kTooLong);
}

TEST_CASE("F9: containers are named in ascending order, each once, at most 64") {
  const auto handle = [](std::uint8_t number) {
    Handle one;
    one.bytes[31] = number;
    return one;
  };
  const auto read = [](RecordContent content) {
    return decode_record(encode_record(sample_record(std::move(content))));
  };
  std::vector<Handle> many;
  for (std::uint8_t i = 0; i < 64; ++i) many.push_back(handle(i));
  const auto most = read(Declared{reason(), many});
  REQUIRE(most.ok());
  CHECK(std::ranges::equal(containers_of(*most), many));
  many.push_back(handle(64));
  const Bytes too_many = encode_record(sample_record(Amended{reason(), reason(), many}));
  CHECK(decode_record(too_many).error() == crypto::Errc::kTooLong);
  for (const std::vector<Handle>& wrong :
       {std::vector{handle(1), handle(1)}, std::vector{handle(0), handle(2), handle(1)}}) {
    CHECK(read(Declared{reason(), wrong}).error() == crypto::Errc::kNotAscending);
    CHECK(read(Amended{reason(), reason(), wrong}).error() == crypto::Errc::kNotAscending);
  }
  CHECK(containers_of(sample_record(HeldBack{reason(), reason()})).empty());
}

TEST_CASE("F2: no flipped bit of a record is read as the same record") {
  const Record record = sample_record(Released{reason(), ReleaseBasis::kGreen, std::nullopt});
  const Bytes bytes = encode_record(record);
  for (std::size_t bit = 0; bit < bytes.size() * 8; ++bit) {
    Bytes flipped = bytes;
    flipped[bit / 8] = static_cast<std::uint8_t>(flipped[bit / 8] ^ (1U << (bit % 8)));
    const auto read = decode_record(flipped);
    if (read) CHECK_FALSE(*read == record);
  }
}

TEST_CASE("F10: the commit record stands for no consignment and no authority") {
  CommitRecord content;
  content.height = 9;
  content.time_ms = 10;
  const Record record = make_commit_record(content);
  CHECK(record.kind() == RecordKind::kCommit);
  CHECK(record.height == 9);
  CHECK(record.time_ms == 10);
  CHECK(record.consignments.empty());
  CHECK_FALSE(record.origin.has_value());
  CHECK(declaration_of(record) == nullptr);
}

TEST_CASE("records: what a trader's software knows of them are WCO response codes") {
  const std::map<RecordKind, std::string_view> expected = {
      {RecordKind::kDeclared, "01"}, {RecordKind::kRefused, "03"},  {RecordKind::kHeld, "05"},
      {RecordKind::kAmended, "07"},  {RecordKind::kReleased, "08"}, {RecordKind::kCancelled, "10"},
      {RecordKind::kVerdict, "05"},  {RecordKind::kMoved, "16"},    {RecordKind::kInspected, ""},
      {RecordKind::kApproved, ""},   {RecordKind::kCommit, ""},     {RecordKind::kAccused, ""}};
  for (RecordContent& content : all_contents()) {
    const Record record = sample_record(std::move(content));
    CHECK(wco_response(record) == expected.at(record.kind()));
  }
  CHECK(wco_response(sample_record(VerdictGiven{{}, Lane::kYellow, {}, {}})) == "06");
  CHECK(wco_response(sample_record(VerdictGiven{{}, Lane::kGreen, {}, {}})) == "");
  CHECK(wco_response(sample_record(Moved{{}, MoveEvent::kArrived, std::nullopt})) == "");
}

TEST_CASE("refusals: every code has a name and a sentence of its own") {
  std::set<std::string_view> names;
  std::set<std::string_view> texts;
  for (std::size_t i = 0; i < kCodeNames.size(); ++i) {
    const auto code = static_cast<Code>(i);
    CHECK(names.insert(name_of(code)).second);
    CHECK(texts.insert(text_of(code)).second);
    CHECK(is_accepted(code) == (i < 2));
  }
}

}  // namespace
}  // namespace sanad::tests

#include "tools/audit/snapshot.h"

#include "tools/files.h"

namespace sanad::tools {

using crypto::ByteView;
using crypto::Error;
using crypto::Hash;
using crypto::Result;

crypto::Status write_snapshot(const std::filesystem::path& file, const AuditSnapshot& snapshot) {
  crypto::Bytes bytes = crypto::encode(snapshot);
  const Hash sum = crypto::sha256(bytes);
  crypto::append(bytes, sum.view());
  return write_file(file, crypto::as_text(bytes), Privacy::kSecret);
}

Result<AuditSnapshot> read_snapshot(const std::filesystem::path& file) {
  const auto bad = [&file](const std::string& why) {
    return Error{Errc::kBadFile, file.string() + ": " + why + "; remove it to audit from genesis"};
  };
  std::error_code unknown;
  const auto size = std::filesystem::file_size(file, unknown);
  if (unknown) return bad(unknown.message());
  SANAD_TRY(const std::string text, read_file(file, size));
  const ByteView whole = crypto::as_bytes(text);
  if (whole.size() < Hash::kSize) return bad("no audit's file");
  const ByteView bytes = whole.first(whole.size() - Hash::kSize);
  if (*Hash::from(whole.last(Hash::kSize)) != crypto::sha256(bytes)) {
    return bad("not as it was written");
  }
  auto snapshot = crypto::decode<AuditSnapshot>(bytes);
  if (!snapshot) return bad(snapshot.error().message());
  if (snapshot->format != AuditSnapshot{}.format) return bad("of format " + snapshot->format);
  return std::move(*snapshot);
}

}  // namespace sanad::tools

// Reading and writing whole small files, with errors that say what to do.
#pragma once

#include <filesystem>

#include "crypto/signature.h"
#include "tools/errc.h"

namespace sanad::tools {

// kBadFile if it cannot be read or is over `bytes_max`.
crypto::Result<std::string> read_file(const std::filesystem::path& path, std::size_t bytes_max);

enum class Privacy { kPublic, kSecret };  // mode 0644, 0600
// Replaces the file as a whole: a temporary one beside it is written, synced and renamed.
crypto::Status write_file(const std::filesystem::path& path, std::string_view text,
                          Privacy privacy = Privacy::kPublic);

// Bytes of the kernel's random source.
void fill_random(std::span<std::uint8_t> bytes);
template <class FixedBytes>
FixedBytes fresh() {
  FixedBytes value;
  fill_random(value.bytes);
  return value;
}

// A key file of crypto/key_file.h. The pass-phrase comes from SANAD_PASSPHRASE or, on a terminal,
// is asked for once a process; development keys need none.
crypto::Result<crypto::SigningKey> open_key_file(const std::filesystem::path& path);
// kUsage-like kBadFile where there is neither the variable nor a terminal.
crypto::Result<std::string> passphrase(std::string_view what_for);

}  // namespace sanad::tools

#include "tools/files.h"

#include <fcntl.h>
#include <sodium.h>
#include <sys/stat.h>
#include <termios.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <fstream>
#include <iostream>
#include <mutex>
#include <optional>

#include "crypto/key_file.h"

namespace sanad::tools {
namespace {

using crypto::Error;
using crypto::Result;
using crypto::Status;
namespace fs = std::filesystem;

Error file_error(const std::string& what, const fs::path& path) {
  return {Errc::kBadFile, what + " " + path.string() + ": " + std::strerror(errno)};
}

Status write_and_sync(int fd, std::string_view text, const fs::path& path) {
  while (!text.empty()) {
    const ssize_t written = ::write(fd, text.data(), text.size());
    if (written < 0 && errno == EINTR) continue;
    if (written < 0) return file_error("cannot write", path);
    text.remove_prefix(static_cast<std::size_t>(written));
  }
  if (::fsync(fd) != 0) return file_error("cannot sync", path);
  return {};
}

std::string ask(std::string_view what_for) {
  std::cerr << "Pass-phrase for " << what_for << ": " << std::flush;
  termios before{};
  const bool is_terminal = ::tcgetattr(STDIN_FILENO, &before) == 0;
  termios silent = before;
  silent.c_lflag &= ~static_cast<tcflag_t>(ECHO);
  if (is_terminal) ::tcsetattr(STDIN_FILENO, TCSAFLUSH, &silent);
  std::string line;
  std::getline(std::cin, line);
  if (is_terminal) ::tcsetattr(STDIN_FILENO, TCSAFLUSH, &before);
  std::cerr << "\n";
  return line;
}

}  // namespace

Result<std::string> read_file(const fs::path& path, std::size_t bytes_max) {
  std::ifstream file(path, std::ios::binary);
  if (!file) return file_error("cannot read", path);
  // Piece by piece: the limit may be far more than what is there.
  constexpr std::size_t kPiece = 1U << 20U;
  std::string text;
  while (file && text.size() <= bytes_max) {
    const std::size_t have = text.size();
    text.resize(have + std::min(kPiece, bytes_max + 1 - have));
    file.read(text.data() + have, static_cast<std::streamsize>(text.size() - have));
    text.resize(have + static_cast<std::size_t>(file.gcount()));
  }
  if (file.bad()) return file_error("cannot read", path);
  if (text.size() > bytes_max) {
    return Error{Errc::kBadFile,
                 path.string() + " is larger than " + std::to_string(bytes_max) + " bytes"};
  }
  return text;
}

Status write_file(const fs::path& path, std::string_view text, Privacy privacy) {
  const fs::path temporary = path.string() + ".tmp." + std::to_string(::getpid());
  const mode_t mode = privacy == Privacy::kSecret ? 0600 : 0644;
  const int fd = ::open(temporary.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, mode);
  if (fd < 0) return file_error("cannot create", temporary);
  const Status written = write_and_sync(fd, text, temporary);
  ::close(fd);
  if (!written || ::rename(temporary.c_str(), path.c_str()) != 0) {
    const Error error = written ? file_error("cannot replace", path) : written.error();
    ::unlink(temporary.c_str());
    return error;
  }
  return {};
}

void fill_random(std::span<std::uint8_t> bytes) {
  static const int started = sodium_init();
  assert(started >= 0);
  randombytes_buf(bytes.data(), bytes.size());
}

Result<std::string> passphrase(std::string_view what_for) {
  static std::mutex mutex;
  static std::optional<std::string> asked;
  const std::lock_guard lock(mutex);
  if (const char* given = std::getenv("SANAD_PASSPHRASE"); given != nullptr && *given != '\0') {
    return std::string(given);
  }
  if (asked) return *asked;
  if (::isatty(STDIN_FILENO) == 0) {
    return Error{Errc::kBadFile, "a pass-phrase is needed for " + std::string(what_for) +
                                     ": set SANAD_PASSPHRASE, or run this on a terminal"};
  }
  asked = ask(what_for);
  if (asked->empty()) {
    asked.reset();
    return Error{Errc::kBadFile, "the pass-phrase is empty"};
  }
  return *asked;
}

Result<crypto::SigningKey> open_key_file(const fs::path& path) {
  SANAD_TRY(const std::string text, read_file(path, crypto::kKeyFileMax));
  SANAD_TRY(const crypto::KeyLabel label, crypto::read_key_label(text));
  std::string phrase;
  if (!label.insecure) {
    SANAD_TRY(phrase, passphrase(path.string()));
  }
  auto opened = crypto::open_key(text, phrase);
  if (!opened) return Error{opened.error().code, path.string() + ": " + opened.error().message()};
  return std::move(opened->key);
}

}  // namespace sanad::tools

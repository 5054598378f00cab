#include "tools/qr_picture.h"

#include <array>
#include <catch2/catch.hpp>
#include <cstdio>
#include <memory>

#include "tests/tools/folder.h"
#include "tools/files.h"

namespace sanad::tools {
namespace {

// A text of the dense alphabet, as long as the largest proof.
std::string long_text() {
  std::string text = "SANAD1:";
  for (std::size_t i = 0; text.size() < 1'882; ++i) {
    text += "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ $%*+-./:"[i * i % 45];
  }
  return text;
}

std::string output_of(const std::string& command) {
  const std::unique_ptr<FILE, int (*)(FILE*)> pipe(popen(command.c_str(), "r"), &pclose);
  REQUIRE(pipe);
  std::string text;
  std::array<char, 4096> part;
  while (const std::size_t n = fread(part.data(), 1, part.size(), pipe.get())) {
    text.append(part.data(), n);
  }
  return text;
}

TEST_CASE("QR: a reader that is not ours reads the picture back") {
  if (output_of("command -v zbarimg").empty()) {
    WARN("skipped: zbarimg is missing (apt-get install zbar-tools)");
    return;
  }
  const tests::OwnFolder folder;
  for (const std::string& text : {std::string("SANAD1:0"), long_text()}) {
    const auto picture = qr_picture(text, PictureKind::kPng);
    REQUIRE(picture.ok());
    const std::filesystem::path path = folder.path() / "code.png";
    REQUIRE(write_file(path, *picture).ok());
    CHECK(output_of("zbarimg --quiet --raw -Sdisable -Sqrcode.enable '" + path.string() + "'") ==
          text + "\n");
  }
}

TEST_CASE("QR: the SVG has the same modules, and a text that no code holds is refused") {
  const auto svg = qr_picture("SANAD1:0", PictureKind::kSvg);
  REQUIRE(svg.ok());
  CHECK(svg->starts_with("<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 29 29\""));
  CHECK(svg->find("M4 4h1v1h-1z") != std::string::npos);  // a corner of the finder, after the quiet
  CHECK_FALSE(qr_picture(std::string(4'297, 'A'), PictureKind::kSvg).ok());
}

}  // namespace
}  // namespace sanad::tools

#include "tools/qr_picture.h"

#include <qrencode.h>
#include <zlib.h>

#include <memory>

#include "crypto/bytes.h"

namespace sanad::tools {
namespace {

constexpr unsigned kQuiet = 4;  // modules of white around the code, which readers need
constexpr unsigned kPixels = 8;

using Code = std::unique_ptr<QRcode, decltype(&QRcode_free)>;

bool is_dark(const QRcode& code, unsigned x, unsigned y) {
  const auto width = static_cast<unsigned>(code.width);
  if (x < kQuiet || y < kQuiet || x >= width + kQuiet || y >= width + kQuiet) return false;
  return (code.data[(y - kQuiet) * width + (x - kQuiet)] & 1U) != 0;
}

unsigned side_of(const QRcode& code) { return static_cast<unsigned>(code.width) + 2 * kQuiet; }

// ------------------------------------------------------------------ PNG (RFC 2083)

void append_chunk(crypto::Bytes& png, std::string_view type, crypto::ByteView content) {
  crypto::append_u32be(png, static_cast<std::uint32_t>(content.size()));
  const std::size_t begin = png.size();
  crypto::append(png, crypto::as_bytes(type));
  crypto::append(png, content);
  const crypto::ByteView summed = crypto::ByteView(png).subspan(begin);
  crypto::append_u32be(png, static_cast<std::uint32_t>(
                                crc32(0, summed.data(), static_cast<unsigned>(summed.size()))));
}

std::string to_png(const QRcode& code) {
  const unsigned pixels = side_of(code) * kPixels;
  const std::size_t row_bytes = (pixels + 7) / 8;
  crypto::Bytes rows;  // a filter byte and a bit a pixel, 1 for white
  for (unsigned y = 0; y < pixels; ++y) {
    crypto::Bytes row(1 + row_bytes, 0);
    for (unsigned x = 0; x < pixels; ++x) {
      if (is_dark(code, x / kPixels, y / kPixels)) continue;
      row[1 + x / 8] = static_cast<std::uint8_t>(row[1 + x / 8] | 0x80U >> x % 8);
    }
    crypto::append(rows, row);
  }
  uLongf size = compressBound(rows.size());
  crypto::Bytes packed(size);
  compress2(packed.data(), &size, rows.data(), rows.size(), Z_BEST_COMPRESSION);
  packed.resize(size);

  crypto::Bytes png = {0x89, 'P', 'N', 'G', '\r', '\n', 0x1A, '\n'};
  crypto::Bytes header;
  crypto::append_u32be(header, pixels);
  crypto::append_u32be(header, pixels);
  crypto::append(header, crypto::Bytes{1, 0, 0, 0, 0});  // 1 bit of grey, nothing fancy
  append_chunk(png, "IHDR", header);
  append_chunk(png, "IDAT", packed);
  append_chunk(png, "IEND", {});
  return {png.begin(), png.end()};
}

// ------------------------------------------------------------------ SVG

std::string to_svg(const QRcode& code) {
  const std::string side = std::to_string(side_of(code));
  std::string svg = "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 " + side + " " + side +
                    "\" shape-rendering=\"crispEdges\"><rect width=\"" + side + "\" height=\"" +
                    side + "\" fill=\"#fff\"/><path d=\"";
  for (unsigned y = 0; y < side_of(code); ++y) {
    for (unsigned x = 0; x < side_of(code); ++x) {
      if (!is_dark(code, x, y)) continue;
      svg += "M" + std::to_string(x) + " " + std::to_string(y) + "h1v1h-1z";
    }
  }
  return svg + "\"/></svg>\n";
}

}  // namespace

crypto::Result<std::string> qr_picture(std::string_view text, PictureKind kind) {
  // The text is all of the dense alphabet; level L: a printed code of this size is hard enough to
  // read without more of it.
  const Code code(QRcode_encodeString(std::string(text).c_str(), 0, QR_ECLEVEL_L, QR_MODE_8, 1),
                  &QRcode_free);
  if (!code) return crypto::Error{crypto::Errc::kTooLong, "no QR code holds so long a text"};
  return kind == PictureKind::kPng ? to_png(*code) : to_svg(*code);
}

}  // namespace sanad::tools

// A text as a picture of a QR code (ISO/IEC 18004), by libqrencode.
#pragma once

#include <string>
#include <string_view>

#include "crypto/result.h"

namespace sanad::tools {

enum class PictureKind { kPng, kSvg };

// The bytes of a PNG (eight pixels a module) or of an SVG, with the quiet zone of four modules.
// kTooLong of crypto for a text that no code holds.
crypto::Result<std::string> qr_picture(std::string_view text, PictureKind kind);

}  // namespace sanad::tools

// Segment files of a ledger: a list of files, each with its series, number and bytes. They are read
// as they are and again with their checksums repaired, so that inputs get past those; and a writer
// opens each series at an end that the input names, adds a frame and finds it again.
#include <cassert>
#include <cstddef>
#include <cstdint>

#include "node/ledger/crc32c.h"
#include "node/ledger/segment_reader.h"
#include "tests/node/ledger/simulated_disk.h"

namespace {

using namespace sanad;
using namespace sanad::node;
using crypto::Bytes;
using crypto::ByteView;

constexpr std::string_view kFolder = "ledger";
constexpr std::size_t kFileHeadBytes = 4;  // series, number, length u16be
constexpr std::size_t kFilesMax = 8;

struct InputFile {
  SegmentPlace place;
  std::uint32_t number = 0;
  Bytes bytes;
};

void repair_checksums(Bytes& bytes) {
  std::size_t at = 0;
  while (bytes.size() - at >= kFrameHeadBytes) {
    std::uint32_t length = 0;
    for (std::size_t i = 4; i-- > 0;) length = (length << 8) | bytes[at + i];
    if (length > bytes.size() - at - kFrameHeadBytes) return;
    const ByteView head = ByteView(bytes).subspan(at, 4);
    const std::uint32_t sum =
        crc32c(ByteView(bytes).subspan(at + kFrameHeadBytes, length), crc32c(head));
    for (std::size_t i = 0; i < 4; ++i) {
      bytes[at + 4 + i] = static_cast<std::uint8_t>(sum >> (8 * i));
    }
    at += kFrameHeadBytes + length;
  }
}

std::vector<InputFile> files_of(ByteView input) {
  std::vector<InputFile> files;
  while (input.size() > kFileHeadBytes && files.size() < kFilesMax) {
    InputFile file;
    file.place.folder = std::string(kFolder) + "/segments";
    file.place.series = static_cast<Series>(input[0] % kSeriesNames.size());
    file.number = input[1] % 4;
    const std::size_t said = std::size_t{input[2]} << 8 | input[3];
    input = input.subspan(kFileHeadBytes);
    const ByteView bytes = input.first(std::min(said, input.size()));
    file.bytes.assign(bytes.begin(), bytes.end());
    input = input.subspan(bytes.size());
    files.push_back(std::move(file));
  }
  return files;
}

void put(tests::SimulatedDisk& disk, const InputFile& file) {
  auto made = disk.open(file.place.path(file.number), OpenMode::kCreate);
  assert(made && (*made)->append(file.bytes) && (*made)->sync());
}

// How many blocks are there, up to the end or the damage.
std::uint64_t read_blocks(tests::SimulatedDisk& disk) {
  auto reader = SegmentReader::open(std::string(kFolder), disk);
  if (!reader) {
    assert(!reader.error().message().empty());
    return 0;
  }
  for (std::uint64_t height = 0;; ++height) {
    const auto block = reader->next();
    if (!block || !*block) return height;
    const CommittedBlock& committed = (*block)->block.committed;
    assert(committed.height == height);
    assert((*block)->records.size() == committed.tree_size - committed.first_record);
  }
}

void write_after(tests::SimulatedDisk& disk, SegmentPlace place, Position committed) {
  place.files = &disk;
  if (const auto network = SegmentReader::open(std::string(kFolder), disk)) {
    place.network_id = network->network_id();
  }
  auto writer = SegmentWriter::open(place, committed);
  if (!writer) {
    assert(!writer.error().message().empty());
    return;
  }
  const Bytes frame(40, 0xA5);
  const auto at = (*writer)->append(frame);
  assert(at && (*writer)->sync());
  const auto found = SegmentFiles(place).read(*at);
  assert(found && found->bytes == frame && found->next == (*writer)->end());
}

void try_all(const std::vector<InputFile>& files, Position committed) {
  tests::SimulatedDisk disk;
  const auto made = disk.create_folders(std::string(kFolder) + "/segments");
  assert(made);
  for (const InputFile& file : files) put(disk, file);
  const std::uint64_t count = read_blocks(disk);
  assert(read_blocks(disk) == count);
  for (InputFile file : files) {
    // Sealed after this many bytes, so that some appends begin a new file.
    file.place.segment_bytes_max = file.bytes.size() + 60;
    write_after(disk, file.place, committed);
  }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  if (size < 4) return 0;
  Position committed{data[0] % 4U,
                     std::uint32_t{data[1]} << 16 | std::uint32_t{data[2]} << 8 | data[3]};
  if (committed.offset == 0) committed = {};  // no series ends where a file has not begun
  std::vector<InputFile> files = files_of(ByteView(data + 4, size - 4));
  try_all(files, committed);
  for (InputFile& file : files) repair_checksums(file.bytes);
  try_all(files, committed);
  return 0;
}

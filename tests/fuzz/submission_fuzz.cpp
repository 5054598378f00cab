// Submissions from anybody: as they are, and again repaired (bodies bound to their statements, root
// recomputed, signed), so that inputs get past the digests and the signature.
#include <cstdlib>
#include <map>

#include "chaincode/statement.h"

namespace {

using namespace sanad;
using namespace sanad::chaincode;

Hash network() { return crypto::sha256(crypto::as_bytes("fuzz")); }

// What the submitting side makes of the same facts.
void check_made(const Statement& statement, const Body& body) {
  if (const auto* declare = std::get_if<Declare>(&statement)) {
    const auto made = make_declare(declare->consignment, body);
    if (!made || !(made->statement == statement)) std::abort();
  } else if (const auto* amend = std::get_if<Amend>(&statement)) {
    const auto made = make_amend(amend->declaration, amend->consignment, body);
    if (!made || !(made->statement == statement)) std::abort();
  }
}

// Everything promised of an accepted submission.
void hold_promises(crypto::ByteView bytes) {
  const auto checked = check_submission(bytes, network());
  if (!checked) {
    if (checked.error().message().empty()) std::abort();
    return;
  }
  if (crypto::Bytes(bytes.begin(), bytes.end()) != checked->raw()) std::abort();
  std::map<Hash, crypto::Bytes> store;
  for (const auto& body : checked->stored_bodies()) {
    store[body.digest] = {body.bytes.begin(), body.bytes.end()};
  }
  const auto joined = join_submission(checked->core_bytes(), [&store](const Hash& digest) {
    const auto found = store.find(digest);
    return found == store.end() ? std::nullopt : std::optional(found->second);
  });
  if (!joined || !check_submission(*joined, network())) std::abort();
  // As JSON it is the same submission.
  if (submission_bytes(submission_document(*checked), network()) != checked->raw()) std::abort();
  for (std::size_t i = 0; i < checked->statements().size(); ++i) {
    const Statement& statement = checked->statements()[i];
    const crypto::ByteView own = checked->statement_bytes(i);
    if (crypto::encode(statement) != crypto::Bytes(own.begin(), own.end())) std::abort();
    if (checked->bodies()[i]) check_made(statement, *checked->bodies()[i]);
  }
}

void bind_body(Statement& statement, const Body& body, const crypto::Bytes& bytes) {
  const auto commitment = crypto::commitment_of(body);
  const Hash digest = body_digest(bytes);
  std::visit(
      [&](auto& value) {
        if constexpr (requires { value.body; }) {
          if (commitment) value.commitment = *commitment;
          value.body = digest;
        } else if constexpr (requires { value.reason; }) {
          value.reason = digest;
        }
      },
      statement);
}

// The same statements and bodies, signed by a key of ours.
std::optional<crypto::Bytes> repaired(crypto::ByteView bytes) {
  const auto wire = crypto::decode<Submission>(bytes);
  if (!wire || wire->statements.empty() || wire->bodies.size() != wire->statements.size()) {
    return std::nullopt;
  }
  std::vector<StatementWithBody> statements;
  for (std::size_t i = 0; i < wire->statements.size(); ++i) {
    auto statement = crypto::decode<Statement>(wire->statements[i]);
    if (!statement) return std::nullopt;
    std::optional<crypto::Bytes> body;
    if (wire->bodies[i]) {
      auto decoded = crypto::decode<Body>(*wire->bodies[i]);
      if (!decoded) return std::nullopt;
      bind_body(*statement, *decoded, *wire->bodies[i]);
      body = crypto::encode(*decoded);
    }
    statements.push_back({std::move(*statement), std::move(body)});
  }
  crypto::Seed seed;
  seed.bytes.fill(7);
  return crypto::encode(
      build_submission(crypto::SigningKey(seed), {network(), 1, 1}, std::move(statements)));
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* bytes, std::size_t size) {
  const crypto::ByteView input(bytes, size);
  hold_promises(input);
  if (const auto valid = repaired(input)) hold_promises(*valid);
  // As the core that storage gives back: any bytes are either refused or have one named body at
  // most per statement.
  if (const auto named = named_bodies(input); named && named->size() > kStatementsMax) std::abort();
  return 0;
}

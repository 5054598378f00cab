#include "chaincode/declaration.h"

namespace sanad::chaincode {
namespace {

Bytes declaration_key(MemberIndex authority, const Hash& name) {
  Bytes key;
  crypto::append_u16be(key, authority);
  crypto::append(key, name.view());
  return state_key('D', key);
}

// What the state holds was written by us: if it does not decode, the store is damaged beyond what
// its checksums saw, and the process must end.
template <class T>
T decode_own(ByteView bytes) {
  auto value = crypto::decode<T>(bytes);
  assert(value);
  return std::move(*value);
}

std::uint64_t read_count(const StateReader& state, ByteView key) {
  const auto stored = state.read(key);
  return stored ? decode_own<std::uint64_t>(*stored) : 0;
}

LiveKey live_key(std::string_view kind, const std::string& text) {
  struct Named {
    std::string kind;
    std::string text;
    void serialize(crypto::CborWriter& ar) { ar(SANAD_FIELD(kind), SANAD_FIELD(text)); }
  };
  const Hash whole = crypto::tagged_hash("live", Named{std::string(kind), text});
  const auto key = LiveKey::from(whole.view().first(LiveKey::kSize));
  assert(key);
  return *key;
}

template <class Each>
void for_each_key(const LiveKeys& keys, Each each) {
  for (const auto& key : {keys.ucr, keys.invoice, keys.transport_document}) {
    if (key) each(state_key('V', key->view()));
  }
}

}  // namespace

// The export and the import of one consignment share all three: only the same flow is a repeat.
LiveKeys live_keys(const Body& body) {
  const std::string* flow = opened_text(body, FieldId::kFlow);
  assert(flow != nullptr);
  const auto key = [&body, flow](std::string_view kind, FieldId id) -> std::optional<LiveKey> {
    const std::string* text = opened_text(body, id);
    if (text == nullptr) return std::nullopt;
    return live_key(std::string(kind) + " " + *flow, *text);
  };
  return {key("ucr", FieldId::kUcr), key("invoice", FieldId::kInvoiceHash),
          key("transport document", FieldId::kTransportDocument)};
}

KeptFacts kept_facts(const Contracts& contracts, const rules::Facts& facts) {
  KeptFacts kept;
  for (const FieldId id : contracts.history_fields()) {
    if (const crypto::FieldValue* value = facts.find(id)) {
      kept.fields.push_back({static_cast<std::uint8_t>(id), *value});
    }
  }
  for (std::size_t i = 0; i < rules::kFactCount; ++i) {
    kept.yes_no.push_back(facts.find(static_cast<rules::Fact>(i)));
  }
  return kept;
}

rules::Facts facts_of(const KeptFacts& kept) {
  rules::Facts facts;
  for (const KeptField& field : kept.fields) {
    facts.set(static_cast<FieldId>(field.id), field.value);
  }
  for (std::size_t i = 0; i < kept.yes_no.size(); ++i) {
    if (kept.yes_no[i]) facts.set(static_cast<rules::Fact>(i), *kept.yes_no[i]);
  }
  return facts;
}

std::optional<Declaration> read_declaration(const StateReader& state, MemberIndex authority,
                                            const Hash& declaration) {
  const auto stored = state.read(declaration_key(authority, declaration));
  if (!stored) return std::nullopt;
  return decode_own<Declaration>(*stored);
}

void write_declaration(State& state, MemberIndex authority, const Hash& name,
                       const Declaration& declaration) {
  state.write(declaration_key(authority, name), crypto::encode(declaration));
}

std::uint64_t read_history_length(const StateReader& state, const Handle& consignment) {
  return read_count(state, state_key('C', consignment.view()));
}

void write_history_length(State& state, const Handle& consignment, std::uint64_t records) {
  state.write(state_key('C', consignment.view()), crypto::encode(records));
}

bool is_live(const StateReader& state, const LiveKey& key) {
  return read_count(state, state_key('V', key.view())) > 0;
}

void add_live(State& state, const LiveKeys& keys) {
  for_each_key(keys, [&state](const Bytes& key) {
    state.write(key, crypto::encode(read_count(state, key) + 1));
  });
}

void remove_live(State& state, const LiveKeys& keys) {
  for_each_key(keys, [&state](const Bytes& key) {
    const std::uint64_t count = read_count(state, key);
    assert(count > 0);
    if (count == 1) {
      state.remove(key);
    } else {
      state.write(key, crypto::encode(count - 1));
    }
  });
}

}  // namespace sanad::chaincode

// The operator's answer to a journal that cannot be trusted.
#pragma once

namespace sanad::node {

// R3: what to do where the journal is damaged or gone.
enum class Quarantine {
  kRefuse,    // do not start: votes may have been forgotten
  kWatch,     // start, and cast no vote until re-admitted with a new key
  kVoteLater  // start, and vote above every view in which a forgotten vote can stand
};

}  // namespace sanad::node

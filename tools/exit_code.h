// What a `sanad` command's exit code says; the same for every command (docs/operations.md).
#pragma once

namespace sanad::tools {

enum ExitCode : int {
  kExitOk = 0,
  kExitCheckFailed = 1,   // the command worked and what it checked does not hold
  kExitUsage = 2,         // wrong arguments, or input that cannot be read
  kExitNetwork = 3,       // no node answered, or it refused
  kExitProofInvalid = 4,  // a proof does not hold
  kExitDamaged = 5,       // stored data cannot be trusted
};

}  // namespace sanad::tools

// Who does what the store leaves for later: a thread of its own, or a test at a time of its choice.
#pragma once

#include <functional>

namespace sanad::node {

// Takes work to be done in order, one piece after another, never inside the call that hands it
// over. What is not done when the store closes is done then.
using Later = std::function<void(std::function<void()>)>;

}  // namespace sanad::node

// First part of a proof's check: the checkpoint, whom it is believed for, and the commit record
// that is its last leaf (docs/formats.md, F10, F14, F18). As chaincode/bundle_log.h.

import { type Bytes, equal, toHex } from "./bytes.ts";
import { writeArray, writeBytes, writeText, writeUnsigned } from "./cbor.ts";
import type { Actor, Bundle, Handover, Trust, Validator } from "./files.ts";
import { taggedHash } from "./hash.ts";
import { includes, leafHash } from "./log_tree.ts";
import {
  type Checkpoint,
  cosignersOf,
  kCosignature,
  kEd25519,
  parseCheckpoint,
  parseNote,
  type SignedNote,
  type VerifierKey,
  verifyLines,
} from "./note.ts";
import { type Commit, decodeRecord } from "./records.ts";
import { readAs, refuse } from "./refusal.ts";

export interface LogFindings {
  checkpoint: Checkpoint;
  commit: Commit;
  cosignedAtS: bigint; // median of the cosignatures' times
  cosignedBy: Validator[];
  validators: number;
  quorum: number;
}

type Signers = Handover["committee"];

// Read and found consistent; nobody is believed yet.
interface Stated {
  note: SignedNote;
  checkpoint: Checkpoint;
  commit: Commit;
}

// Cosignatures that make a checkpoint: n − ⌊(n−1)/3⌋.
export function quorumOf(validators: number): number {
  return validators === 0 ? 1 : validators - Math.floor((validators - 1) / 3);
}

function actorsHash(actors: readonly Actor[]): Bytes {
  const entries = actors.map((one) => writeArray(writeBytes(one.key), writeText(one.authority)));
  return taggedHash("actors", writeArray(...entries));
}

function signersHash({ epoch, validators, actors }: Signers): Bytes {
  const entries = validators.map(({ id, name, log, cosigner }) =>
    writeArray(writeText(id), writeText(name), writeBytes(log), writeBytes(cosigner)),
  );
  return taggedHash(
    "signers",
    writeArray(writeUnsigned(epoch), writeArray(...entries), writeBytes(actors)),
  );
}

type Parts = Pick<Handover, "checkpoint" | "commit_record" | "commit_path">;

// Three lines of this network, whose last leaf ends a block.
function readCheckpoint(parts: Parts, origin: string): Stated {
  const note = readAs("checkpoint-malformed", () => parseNote(parts.checkpoint));
  const checkpoint = readAs("checkpoint-malformed", () => parseCheckpoint(note.text));
  const { size, root } = checkpoint;
  if (checkpoint.origin !== origin) refuse("other-network", checkpoint.origin);
  if (size === 0n) refuse("empty-log");
  const leaf = leafHash(parts.commit_record);
  if (!includes(leaf, size - 1n, size, parts.commit_path, root)) {
    refuse("commit-not-last", `of ${size} records`);
  }
  const { content } = readAs("commit-malformed", () => decodeRecord(parts.commit_record));
  if (content.kind !== "commit") refuse("no-block-end");
  return { note, checkpoint, commit: content.value };
}

interface Believed {
  timeS: bigint;
  cosignedBy: Validator[];
}

// Cosigned by a quorum of these validators; no line that is not one of theirs.
function believe(
  { note, checkpoint }: Stated,
  validators: readonly Validator[],
  network: string,
): Believed {
  const cosigners = validators.map(({ id, cosigner }): VerifierKey => {
    return { name: `${id}.${network}`, type: kCosignature, key: cosigner };
  });
  const logs = validators.map(({ log }): VerifierKey => {
    return { name: checkpoint.origin, type: kEd25519, key: log };
  });
  const lines = readAs("bad-cosignature", () => verifyLines(note, [...cosigners, ...logs]));
  if (lines.length !== note.lines.length) refuse("stranger-line");
  const { count, timeS } = cosignersOf(lines);
  const quorum = quorumOf(validators.length);
  if (count < quorum) {
    refuse("not-cosigned", `${count} of ${validators.length} validators, ${quorum} are needed`);
  }
  const cosignedBy = lines
    .map(({ key }) => validators[cosigners.indexOf(key)])
    .filter((one) => one !== undefined);
  return { timeS, cosignedBy };
}

// A file that begins in another epoch than the verifier trusts may be good, but not for him.
function checkEpoch(begins: bigint, trusted: bigint): void {
  const epochs = `the trust file is of epoch ${trusted}, the proof begins with epoch ${begins}`;
  if (trusted < begins) refuse("trust-older", epochs);
  if (trusted > begins) refuse("trust-newer", epochs);
}

// The committees from the trusted one to that of the bundle's checkpoint, hand to hand.
class HandoverChain {
  private signers: Signers;
  private last: Stated | null = null;

  constructor(private readonly trust: Trust) {
    const { epoch, validators, actors } = trust;
    this.signers = { epoch, validators, actors: actorsHash(actors) };
  }

  follow(handover: Handover): void {
    const { commit } = this.accept(handover);
    const { committee: next } = handover;
    if (next.epoch !== this.signers.epoch + 1n) {
      refuse("handover-epoch", `from epoch ${this.signers.epoch} to ${next.epoch}`);
    }
    if (!equal(signersHash(next), commit.committeeHash)) {
      refuse("handover-committee", `to epoch ${next.epoch}`);
    }
    this.signers = next;
  }

  finish(bundle: Bundle): LogFindings {
    const { checkpoint, commit, timeS, cosignedBy } = this.accept(bundle);
    const { validators, actors } = this.signers;
    const expected =
      bundle.handovers.length === 0
        ? bundle.actors.length === 0
        : equal(actorsHash(bundle.actors), actors);
    if (!expected) refuse("actors");
    return {
      checkpoint,
      commit,
      cosignedAtS: timeS,
      cosignedBy,
      validators: validators.length,
      quorum: quorumOf(validators.length),
    };
  }

  private accept(parts: Parts): Stated & Believed {
    const { network, network_id: id } = this.trust;
    const stated = readCheckpoint(parts, `${network}/${toHex(id)}`);
    const { checkpoint, commit } = stated;
    const { last, signers } = this;
    if (last === null) checkEpoch(commit.epoch, signers.epoch);
    if (commit.epoch !== signers.epoch) {
      refuse(
        "handover-missing",
        `a checkpoint of epoch ${commit.epoch} where one of epoch ${signers.epoch} belongs`,
      );
    }
    if (
      last !== null &&
      (checkpoint.size <= last.checkpoint.size || commit.height <= last.commit.height)
    ) {
      refuse("handover-order", `block ${commit.height}`);
    }
    const believed = believe(stated, signers.validators, network);
    this.last = stated;
    return { ...stated, ...believed };
  }
}

export function checkLog(bundle: Bundle, trust: Trust): LogFindings {
  const chain = new HandoverChain(trust);
  for (const handover of bundle.handovers) chain.follow(handover);
  return chain.finish(bundle);
}

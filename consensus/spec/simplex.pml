// The voting rules of docs/protocol.md as a model for spin: n = 4, f = 1, q = 3, one traitor.
// Written from the rules, not from the code: a second witness. check.sh runs it.
//
// What is in it
//   L1, P1     Every view is led by the traitor, who shows each member either of two blocks
//              (twins) on any parents. An honest leader's view is the case in which all see
//              one; P1's parent is one that N3 admits, since which certificates a leader
//              holds is chance.
//   N1, N2, N3, N5, F1, F2, F4, T1, T5 with E-enter, C1 (a certificate's votes are for one
//              subject).
//   Network    Votes that were cast stay. A certificate that can be made of them may be read
//              by anybody, at any time or never: any delay, order, loss and duplication.
//   Traitor    He voted everything from the start: both twins, nullify and finalize of every
//              view. Honest members react to certificates alone, so voting later or less, or
//              showing votes to some only, gives nothing that not reading a certificate does
//              not give.
//   Crashes    The state is the votes cast and nothing else: what R1 keeps. In which view a
//              member is follows, at each step anew, from its votes and from whatever
//              certificates it now happens to hold (R2). So it may forget certificates at any
//              step.
//   Time       Every honest member may nullify its view whenever T1 allows it.
//
// What is held after every vote, of everything that can be made of the votes cast, read or not
//   AGREEMENT           two final blocks lie on one chain
//   EXCLUSION           no view is both nullified and finalized
//   ONE_NOTARIZATION    a view has one notarization
//   FINAL_IS_NOTARIZED  a final block is notarized
//
// What is not in it: progress (L2, W, T2, T3), batches, contents of headers (N4), signatures,
// catch-up, evidence, epochs, quarantine, n other than 4, more views than VIEWS; that a member
// does not vote below its final view, or keeps what it read (both only forbid votes: the model
// allows more). R1 is taken for granted, but for BREAK_R1. That the code follows these rules is
// for the tests to show.
//
// Two kinds of run: every interleaving of VIEWS views; and, with -DIN_ORDER, more views one after
// the other. That loses nothing: what a vote needs of other views are certificates of lower ones,
// which stay; so votes of lower views can be moved to the front of any run, and it ends in the
// same state. Of a view that is done, what matters later are its certificates: the rest is
// dropped.
//
// -DBREAK_x breaks the rule x. Each ends in disagreement within two views, but for two that
// check.sh runs to show that they do not: N2 (F1 and N1 carry the proof without it) and T5
// (leaving a view without a certificate harms progress only). An honest leader that breaks P1
// alone is not among them: the voters' N3 stands in front of it.
#ifndef VIEWS
#define VIEWS 3  // 2 to 5
#endif

// ------------------------------------------------------------------------------- blocks and votes

#define GENESIS            0
#define BLOCK(view, twin)  (2 * (view) - 1 + (twin))
#define VIEW(block)        (((block) + 1) / 2)
#define TWIN(block)        (((block) + 1) % 2)

// A member's votes in a view.
#define NOTARIZE(twin)     (1 << (twin))
#define FINALIZE(twin)     (4 << (twin))
#define NULLIFY            16
#define FORGOTTEN          32  // BREAK_R1: they count, but the member does not know them any more
#define ANY_NOTARIZE       (NOTARIZE(0) + NOTARIZE(1))
#define ANY_FINALIZE       (FINALIZE(0) + FINALIZE(1))

byte votes[3 * (VIEWS + 1)];  // of the honest; view 0 stays empty
byte parent[2 * VIEWS + 1];   // by block, fixed by its first honest vote
#ifdef IN_ORDER
byte now = 1;
#endif

hidden byte i, j, k, x;  // within a step

#define OF(m, v)           votes[3 * (v) + (m)]
#define CAST(m, v, what)   ((OF(m, v) & (what)) != 0)
#ifdef BREAK_R1
#define BOUND(m, v, what)  (CAST(m, v, what) && !CAST(m, v, FORGOTTEN))
#else
#define BOUND(m, v, what)  CAST(m, v, what)
#endif
#define COUNT(v, what)     (CAST(0, v, what) + CAST(1, v, what) + CAST(2, v, what))
#define PROPOSED(b)        (COUNT(VIEW(b), NOTARIZE(TWIN(b))) > 0)

// ----------------------------------------------------------------------------------- certificates

#ifdef BREAK_QUORUM
#define QUORUM             2  // 2f
#else
#define QUORUM             3  // n - f
#endif
#define QUORATE(v, what)   (COUNT(v, what) + 1 >= QUORUM)  // with the traitor's vote

#ifdef BREAK_C1  // votes for the twins are counted together
#define NOTARIZED(b)       ((b) == GENESIS || (PROPOSED(b) && QUORATE(VIEW(b), ANY_NOTARIZE)))
#else
#define NOTARIZED(b)       ((b) == GENESIS || QUORATE(VIEW(b), NOTARIZE(TWIN(b))))
#endif
#define NULLIFIED(v)       QUORATE(v, NULLIFY)
#define FINALIZED(b)       QUORATE(VIEW(b), FINALIZE(TWIN(b)))
#ifdef BREAK_F4  // what is notarized is taken for final
#define FINAL(b)           NOTARIZED(b)
#else
#define FINAL(b)           FINALIZED(b)
#endif

// ------------------------------------------------------------------------------------------ rules

// E-enter: into v leads a certificate of v - 1, of whatever kind.
#define SETTLED(v)                                                                     \
  (NULLIFIED(v) || NOTARIZED(BLOCK(v, 0)) || NOTARIZED(BLOCK(v, 1)) ||                 \
   FINALIZED(BLOCK(v, 0)) || FINALIZED(BLOCK(v, 1)))
#ifdef BREAK_T5
#define ENTERED(v)         true
#else
#define ENTERED(v)         ((v) == 1 || SETTLED((v) - 1))
#endif

// R2: own votes above v keep a member out of v. N5: it may still notarize there.
#define NONE_AT(m, w, v)   ((w) <= (v) || (w) > VIEWS || OF(m, w) == 0)
#ifdef IN_ORDER
#define IN(m, v)           (now == (v))
#define PAST(v)            (now == (v))
#else
#define IN(m, v)                                                                       \
  (NONE_AT(m, 2, v) && NONE_AT(m, 3, v) && NONE_AT(m, 4, v) && NONE_AT(m, 5, v) && ENTERED(v))
#define PAST(v)            ENTERED(v)
#endif

#ifdef BREAK_N1
#define N1(m, v, twin)     (!BOUND(m, v, NOTARIZE(twin)))
#else
#define N1(m, v, twin)     (!BOUND(m, v, ANY_NOTARIZE))
#endif

#ifdef BREAK_N2
#define N2(m, v)           true
#else
#define N2(m, v)           (!BOUND(m, v, NULLIFY))
#endif

#ifdef BREAK_N3_GAPS
#define BETWEEN(p, w, v)   true
#else
#define BETWEEN(p, w, v)   ((w) <= (p) || (w) >= (v) || NULLIFIED(w))
#endif
#ifdef BREAK_N3_PARENT
#define CERTIFIED(b)       ((b) == GENESIS || PROPOSED(b))
#else
#define CERTIFIED(b)       (NOTARIZED(b) || FINALIZED(b))
#endif
#define SKIPPED(p, v)                                                                  \
  (BETWEEN(p, 1, v) && BETWEEN(p, 2, v) && BETWEEN(p, 3, v) && BETWEEN(p, 4, v))
#define N3(b, v)           (CERTIFIED(b) && SKIPPED(VIEW(b), v))

#ifdef BREAK_F1
#define F1(m, v)           (!BOUND(m, v, ANY_FINALIZE))
#else
#define F1(m, v)           (!BOUND(m, v, ANY_FINALIZE + NULLIFY))
#endif

#ifdef BREAK_F2
#define F2(b)              PROPOSED(b)
#else
#define F2(b)              NOTARIZED(b)
#endif

#ifdef BREAK_T1
#define T1(m, v)           (!BOUND(m, v, NULLIFY))
#else
#define T1(m, v)           (!BOUND(m, v, ANY_FINALIZE + NULLIFY))
#endif

// ------------------------------------------------------------------------------------- properties

// -DONLY=one of these; all but WITNESS without it. WITNESS says that a certain eventful state is
// never reached, which must be found wrong: the last view has a final block, whose parent is final
// two views below; the view between is nullified; the last view's twins both have honest votes.
#define AGREEMENT          1
#define EXCLUSION          2
#define ONE_NOTARIZATION   3
#define FINAL_IS_NOTARIZED 4
#define WITNESS            5

inline check() {
#if !defined(ONLY) || ONLY == AGREEMENT
  for (i : 1 .. 2 * VIEWS) {
    if
    :: FINAL(i) ->
      for (j : i + 1 .. 2 * VIEWS) {
        if
        :: FINAL(j) ->
          x = j;
          do
          :: VIEW(x) > VIEW(i) -> x = parent[x]
          :: else -> break
          od;
          assert(x == i)
        :: else
        fi
      }
    :: else
    fi
  }
#endif
#if !defined(ONLY) || ONLY == EXCLUSION
  for (i : 1 .. 2 * VIEWS) { assert(!(FINALIZED(i) && NULLIFIED(VIEW(i)))) }
#endif
#if !defined(ONLY) || ONLY == ONE_NOTARIZATION
  for (i : 1 .. VIEWS) { assert(!(NOTARIZED(BLOCK(i, 0)) && NOTARIZED(BLOCK(i, 1)))) }
#endif
#if !defined(ONLY) || ONLY == FINAL_IS_NOTARIZED
  for (i : 1 .. 2 * VIEWS) { assert(!FINALIZED(i) || NOTARIZED(i)) }
#endif
#if defined(ONLY) && ONLY == WITNESS
  for (i : BLOCK(VIEWS, 0) .. BLOCK(VIEWS, 1)) {
    x = parent[i];
    assert(!(FINALIZED(i) && VIEW(x) == VIEWS - 2 && FINALIZED(x) && NULLIFIED(VIEWS - 1) &&
             PROPOSED(BLOCK(VIEWS, 0)) && PROPOSED(BLOCK(VIEWS, 1))))
  }
#endif
}

// ------------------------------------------------------------------------------------------ steps

// The honest are alike: their order in the state says nothing, so they are kept sorted.
inline order(a, b) {
  k = 1;
  do
  :: k < VIEWS && OF(a, k) == OF(b, k) -> k++
  :: else -> break
  od;
  if
  :: OF(a, k) > OF(b, k) ->
    for (k : 1 .. VIEWS) { x = OF(a, k); OF(a, k) = OF(b, k); OF(b, k) = x }
  :: else
  fi
}

inline vote(m, v, what) {
  OF(m, v) = (OF(m, v) | (what));
  check();
  order(0, 1); order(1, 2); order(0, 1)
}

// The twin that gets the first honest vote is twin 0. A third one would get one honest vote at most
// beside a notarized one: no certificate.
#define NOTARIZES(m, v, twin, p)                                                       \
  :: d_step {                                                                          \
       N1(m, v, twin) && N2(m, v) && (twin == 0 || PROPOSED(BLOCK(v, 0))) &&           \
       (parent[BLOCK(v, twin)] == p || !PROPOSED(BLOCK(v, twin))) &&                   \
       PAST(v) && N3(p, v) ->                                                          \
         parent[BLOCK(v, twin)] = p;                                                   \
         vote(m, v, NOTARIZE(twin))                                                    \
     }
#define FINALIZES(m, v, twin)                                                          \
  :: d_step {                                                                          \
       F1(m, v) && F2(BLOCK(v, twin)) && IN(m, v) -> vote(m, v, FINALIZE(twin))        \
     }
#define NULLIFIES(m, v)                                                                \
  :: d_step { T1(m, v) && IN(m, v) -> vote(m, v, NULLIFY) }
#ifdef BREAK_R1
#define FORGETS(m, v)                                                                  \
  :: d_step { OF(m, v) != 0 && !CAST(m, v, FORGOTTEN) -> vote(m, v, FORGOTTEN) }
#else
#define FORGETS(m, v)
#endif

// On every parent of a lower view.
#define ON1(m, v, t)       NOTARIZES(m, v, t, GENESIS)
#define ON2(m, v, t)       ON1(m, v, t) NOTARIZES(m, v, t, 1) NOTARIZES(m, v, t, 2)
#define ON3(m, v, t)       ON2(m, v, t) NOTARIZES(m, v, t, 3) NOTARIZES(m, v, t, 4)
#define ON4(m, v, t)       ON3(m, v, t) NOTARIZES(m, v, t, 5) NOTARIZES(m, v, t, 6)
#define ON5(m, v, t)       ON4(m, v, t) NOTARIZES(m, v, t, 7) NOTARIZES(m, v, t, 8)
#define VOTES(m, v)                                                                    \
  ON##v(m, v, 0) ON##v(m, v, 1) FINALIZES(m, v, 0) FINALIZES(m, v, 1)                  \
  NULLIFIES(m, v) FORGETS(m, v)

active [3] proctype honest() {
end:
  do
  VOTES(_pid, 1)
  VOTES(_pid, 2)
#if VIEWS >= 3
  VOTES(_pid, 3)
#endif
#if VIEWS >= 4
  VOTES(_pid, 4)
#endif
#if VIEWS >= 5
  VOTES(_pid, 5)
#endif
  od
}

#ifdef IN_ORDER
// On to the next view: of this one, its certificates stay, as votes of all or of none.
active proctype turn() {
end:
  do
  :: d_step {
       now < VIEWS && ENTERED(now + 1) ->
         x = (NULLIFIED(now) -> NULLIFY : 0);
         for (k : 0 .. 1) {
           x = x + (NOTARIZED(BLOCK(now, k)) -> NOTARIZE(k) : 0);
           x = x + (FINALIZED(BLOCK(now, k)) -> FINALIZE(k) : 0);
           parent[BLOCK(now, k)] = (NOTARIZED(BLOCK(now, k)) -> parent[BLOCK(now, k)] : 0)
         }
         for (k : 0 .. 2) { OF(k, now) = x }
         now++
     }
  od
}
#endif

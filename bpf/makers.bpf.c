// SPDX-License-Identifier: GPL-2.0-only
/* Sorts notes of TIME_WAITs' makers into their table; see makers.h. */
#include "makers.h"

/* A function of its own: the verifier walks it once, and not for each note. */
__attribute__((noinline)) int sort_note(u64 note)
{
	if (note)
		keep_maker((u32)note, note >> 32 & 0xffff, note >> 48);
	return 0;
}

/* Arguments: the lane, the number of its first note, how many. For a test run. */
SEC("?raw_tp/sort_notes")
int sort_notes(u64 *context)
{
	u32 lane = context[0], first = context[1], count = context[2];
	struct tw_notes *notes = bpf_map_lookup_elem(&maker_notes, &lane);

	if (!notes)
		return 0;
	for (u32 i = 0; i < TW_NOTES_SORTED && i < count; i++) {
		u64 *note = &notes->note[(first + i) & (TW_NOTES - 1)];

		sort_note(*note);
		*note = 0;
	}
	return 0;
}

char _license[] SEC("license") = "GPL";

#ifndef HOST_FRAMES_H
#define HOST_FRAMES_H

/*
 * First byte of a frame of the ledger, and what follows (integers big-endian)
 */
enum frame_type {
	/* uint64 group | uint64 delivery, 0: none | uint64 inode, size, changed_ns |
	 * uint16 len, file name | uint16 n | n × (16 id | uint32 len, envelope) */
	FRAME_SEALED = 1,
	/* 16 id | uint16 len, why (empty: receipted) */
	FRAME_ENDED = 2,
	/* uint64 group */
	FRAME_CLOSED = 3,
	/* uint64 delivery | uint8 len, boot | uint32 len, packed AcknowledgementFacts |
	 * uint16 n | n × (uint16 len, file name) */
	FRAME_INTENT = 4,
	/* uint64 delivery: a plug-in crashed on it */
	FRAME_CRASHED = 5,
	/* uint64 delivery | uint16 file of its intent | uint8 1: an attempt to hand it over is
	 * about to be made, 0: nothing came of it */
	FRAME_ATTEMPT = 6,
};

#endif

/**
 * What happened to a ticket, newest first: comments between the changes. Pure.
 * Comments come by pages; changes older than the last comment at hand wait until its page is there, so nothing moves up later.
 */
import type { Comment, TicketChange } from "../api/shapes";

export type Happening =
	| { kind: "comment"; key: string; at: string; comment: Comment }
	| { kind: "change"; key: string; at: string; change: TicketChange };

export function timeline(
	history: readonly TicketChange[],
	comments: readonly Comment[],
	moreComments: boolean,
): Happening[] {
	const oldest = comments.at(-1)?.at ?? "";
	const said = comments.map(
		(comment): Happening => ({ kind: "comment", key: comment.id, at: comment.at, comment }),
	);
	const changed = history
		.filter(({ at }) => !moreComments || at >= oldest)
		.map(
			(change, index): Happening => ({ kind: "change", key: `${change.at} ${index}`, at: change.at, change }),
		);
	return [...said, ...changed].sort((one, other) => other.at.localeCompare(one.at));
}

/** The comments with one that was just written, which a page may have brought already. */
export function withComment(comments: readonly Comment[], comment: Comment): Comment[] {
	return [comment, ...comments.filter(({ id }) => id !== comment.id)];
}

/**
 * Activity of a ticket, newest first: comments and changes. Pure.
 * Comments are paged. Changes older than the last loaded comment wait for its page, so that no row moves up later.
 */
import type { Comment, TicketChange } from "../api/shapes";

type ActivityItem =
	| { kind: "comment"; key: string; at: string; comment: Comment }
	| { kind: "change"; key: string; at: string; change: TicketChange };

export function timeline(
	history: readonly TicketChange[],
	comments: readonly Comment[],
	moreComments: boolean,
): ActivityItem[] {
	const oldest = comments.at(-1)?.at ?? "";
	const commentRows = comments.map(
		(comment): ActivityItem => ({ kind: "comment", key: comment.id, at: comment.at, comment }),
	);
	const changed = history
		.filter(({ at }) => !moreComments || at >= oldest)
		.map(
			(change, index): ActivityItem => ({
				kind: "change",
				key: `${change.at} ${index}`,
				at: change.at,
				change,
			}),
		);
	return [...commentRows, ...changed].sort((one, other) => other.at.localeCompare(one.at));
}

/** Adds a new comment, which a page may already contain. */
export function withComment(comments: readonly Comment[], comment: Comment): Comment[] {
	return [comment, ...comments.filter(({ id }) => id !== comment.id)];
}

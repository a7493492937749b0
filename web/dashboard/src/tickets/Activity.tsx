import "./Activity.css";
import { stripBidiControls } from "@palique/ui/bidi";
import { dateAndTime } from "@palique/ui/time";
import { useState } from "preact/hooks";
import type { Agent, Comment, Ticket, TicketChange } from "../api/shapes";
import { Skeleton } from "../parts/EmptyState";
import { ListFoot } from "../parts/ListFoot";
import { ProblemMessage } from "../parts/ProblemMessage";
import { useListing } from "../parts/useListing";
import { useStores } from "../StoresContext";
import { useText } from "../texts/useText";
import { fieldText, valueText } from "./fieldText";
import { NewComment } from "./NewComment";
import { timeline, withComment } from "./timeline";

interface Props {
	ticket: Ticket;
	agents: readonly Agent[];
}

/** Comments and changes, newest first (S-51). */
export function Activity({ ticket, agents }: Props) {
	const { api } = useStores();
	const t = useText();
	const [written, setWritten] = useState<readonly Comment[]>([]);
	const pages = useListing<Comment>(
		(cursor, signal) => api.comments(ticket.id, cursor, signal),
		// A change may come with a new comment.
		[api, ticket.id, ticket.updated_at],
	);
	const comments = written.reduceRight<readonly Comment[]>(withComment, pages.items ?? []);
	return (
		<div class="activity">
			<NewComment ticket={ticket.id} added={(comment) => setWritten(withComment(written, comment))} />
			{pages.items === null && !pages.problem ? <Skeleton lines={2} /> : null}
			<ProblemMessage small problem={pages.items === null ? pages.problem : null} />
			<ol class="activity">
				{timeline(ticket.history, comments, pages.more !== null).map((one) => (
					<li key={one.key} class="activity-one">
						{one.kind === "comment" ? (
							<Said comment={one.comment} />
						) : (
							<Changed change={one.change} agents={agents} />
						)}
					</li>
				))}
				{pages.more ? null : (
					<li class="muted small">
						{t("ticket_made_at", { time: dateAndTime(ticket.created_at, t.language) })}
					</li>
				)}
			</ol>
			<ListFoot pages={pages} />
		</div>
	);
}

function Said({ comment }: { comment: Comment }) {
	const t = useText();
	return (
		<div class="activity-comment">
			<p dir="auto">{stripBidiControls(comment.text)}</p>
			<span class="small">
				<bdi>{comment.author.name}</bdi> ·{" "}
				<time dateTime={comment.at}>{dateAndTime(comment.at, t.language)}</time>
			</span>
		</div>
	);
}

function Changed({ change, agents }: { change: TicketChange; agents: readonly Agent[] }) {
	const t = useText();
	return (
		<>
			<span>
				<strong>{fieldText(t, change.field)}</strong>:{" "}
				<bdi>{valueText(t, agents, change.field, change.before)}</bdi> →{" "}
				<bdi>{valueText(t, agents, change.field, change.after)}</bdi>
			</span>
			<span class="muted small">
				<bdi>{change.by.name}</bdi> · <time dateTime={change.at}>{dateAndTime(change.at, t.language)}</time>
			</span>
		</>
	);
}

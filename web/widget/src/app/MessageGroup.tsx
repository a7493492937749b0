import { Avatar } from "@palique/ui/Avatar";
import { stripBidiControls } from "@palique/ui/bidi";
import { LinkedText } from "@palique/ui/LinkedText";
import { timeOfDay } from "@palique/ui/time";
import type { ChatStore } from "./ChatStore";
import { DeliveryStatus } from "./DeliveryStatus";
import type { T } from "./language";
import { agentPhoto } from "./photo";
import type { Row, Status } from "./rows";

interface Props {
	group: Row & { kind: "group" };
	store: ChatStore;
	t: T;
}

/** Consecutive messages of one person, with the name once. */
export function MessageGroup({ group, store, t }: Props) {
	const { own, author, messages } = group;
	const name = own ? t("you") : (author?.name ?? "");
	const at = messages[messages.length - 1]?.at ?? 0;
	return (
		<article class={own ? "group own" : "group"} aria-label={name}>
			{own ? null : (
				<Avatar
					name={name}
					seed={author?.id}
					photo={author?.kind === "agent" ? agentPhoto(author.id) : null}
					size={28}
				/>
			)}
			<div class="bubbles">
				{own ? null : (
					<p class="name" dir="auto">
						{name}
					</p>
				)}
				{messages.map(({ key, text, status, item }) => (
					<div class="message" key={key}>
						<p class={status === "sending" || status === "retrying" ? "bubble pending" : "bubble"} dir="auto">
							{own ? stripBidiControls(text) : <LinkedText text={text} />}
						</p>
						{item && status === "failed" ? <DeliveryStatus item={item} store={store} t={t} /> : null}
					</div>
				))}
				<p class="meta">
					<time dateTime={new Date(at).toISOString()}>{timeOfDay(at, t.language)}</time>
					{own ? <span class="status"> · {t(worst(messages))}</span> : null}
				</p>
			</div>
		</article>
	);
}

/** The status of a group is that of its least advanced message. */
function worst(messages: Props["group"]["messages"]): Status {
	const states = ["failed", "retrying", "sending", "sent", "delivered"] as const;
	return states.find((state) => messages.some((message) => message.status === state)) ?? "read";
}

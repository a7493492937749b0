import type { Outgoing } from "@palique/client";
import type { TextKey } from "../texts/en";
import type { ChatStore } from "./ChatStore";
import type { Say } from "./language";

const REASONS: Record<string, TextKey> = {
	too_large: "why_too_large",
	too_fast: "why_too_fast",
	invalid: "why_invalid",
};

interface Props {
	item: Outgoing;
	store: ChatStore;
	say: Say;
}

/** Reason why a message was refused, with "Send again" and "Discard". */
export function DeliveryStatus({ item, store, say }: Props) {
	const code = item.refusal?.code ?? "";
	return (
		<p class="delivery" role="alert">
			{say("failed")}: {say(REASONS[code] ?? "why_other", { code })}
			<button type="button" onClick={() => store.retry(item.clientId)}>
				{say("resend")}
			</button>
			<button type="button" onClick={() => store.discard(item.clientId)}>
				{say("discard")}
			</button>
		</p>
	);
}

import type { Outgoing } from "@palique/client";
import type { TextKey } from "../texts/en";
import type { ChatStore } from "./ChatStore";
import type { T } from "./language";

const REASONS: Record<string, TextKey> = {
	too_large: "why_too_large",
	too_fast: "why_too_fast",
	invalid: "why_invalid",
};

interface Props {
	item: Outgoing;
	store: ChatStore;
	t: T;
}

/** Reason why a message was refused, with "Send again" and "Discard". */
export function DeliveryStatus({ item, store, t }: Props) {
	const code = item.refusal?.code ?? "";
	return (
		<p class="delivery" role="alert">
			{t("failed")}: {t(REASONS[code] ?? "why_other", { code })}
			<button type="button" onClick={() => store.retry(item.clientId)}>
				{t("resend")}
			</button>
			<button type="button" onClick={() => store.discard(item.clientId)}>
				{t("discard")}
			</button>
		</p>
	);
}

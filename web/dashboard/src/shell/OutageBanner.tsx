import { Icon } from "@palique/ui/Icon";
import { useStores } from "../StoresContext";
import type { TextKey } from "../texts/LanguageStore";
import { useText } from "../texts/useText";

// Service names of docs/protocol.md. Without the database chats do not work either.
const TEXTS: Readonly<Record<string, TextKey>> = {
	mongodb: "away_chat",
	chat: "away_chat",
	presence: "away_presence",
	tickets: "away_tickets",
	rabbitmq: "away_rabbitmq",
};

/** Banner that says which functions are limited while a backend is unavailable. */
export function OutageBanner() {
	const { connection } = useStores();
	const t = useText();
	const texts = new Set(connection.outages.value.flatMap((service) => TEXTS[service] ?? []));
	return (
		<div role="status">
			{texts.size ? (
				<div class="banner">
					<Icon name="warning" size={16} />
					{[...texts].map((text) => t(text)).join(" ")}
				</div>
			) : null}
		</div>
	);
}

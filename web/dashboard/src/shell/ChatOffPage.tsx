import type { Me } from "../api/shapes";
import { EmptyState } from "../parts/EmptyState";
import { Link } from "../routing/Link";
import { useText } from "../texts/useText";

/** In the place of the visitors while live chat is off, when none is listed (S-03). */
export function ChatOffPage({ me }: { me: Me }) {
	const t = useText();
	return (
		<>
			<header class="page-head">
				<h1>{t("visitors_title")}</h1>
			</header>
			<EmptyState icon="mute" title={t("visitors_off")}>
				<p>{t("visitors_off_lead")}</p>
				{me.role === "administrator" ? (
					<Link to={{ page: "settings", part: "site" }}>{t("chat_off_enable")}</Link>
				) : (
					<p>{t("chat_off_ask")}</p>
				)}
			</EmptyState>
		</>
	);
}

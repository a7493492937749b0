import "./Facts.css";
import { dateAndTime } from "@palique/ui/time";
import { WebLink } from "@palique/ui/WebLink";
import type { Profile, Visit } from "../../api/shapes";
import { FactList } from "../../parts/FactList";
import { place } from "../../texts/geoPlace";
import { deviceText, known } from "../../texts/labels";
import { pageName, shortAddress } from "../../texts/pageName";
import { useText } from "../../texts/useText";

/** Location, browser, device and IP (S-28, S-60). */
export function PlaceAndComputer({ profile }: { profile: Profile }) {
	const t = useText();
	const { location, computer } = profile;
	const facts = [
		[t("fact_location"), place(t, location.region, location.country)],
		[t("fact_ip"), location.ip],
		[t("fact_browser"), known(t, computer.browser)],
		[t("fact_os"), known(t, computer.os)],
		[t("fact_device"), deviceText(t, computer.device)],
		[t("fact_visits"), profile.visits.toLocaleString(t.language)],
		[t("fact_chats"), profile.chats.toLocaleString(t.language)],
		[t("fact_first_seen"), dateAndTime(profile.first_seen, t.language)],
		[t("fact_last_seen"), profile.online ? t("now_online") : dateAndTime(profile.last_seen, t.language)],
	] as const;
	return <FactList facts={facts} />;
}

/** Last visited pages, newest first, with times (S-29). */
export function Pages({ pages }: { pages: readonly Visit[] }) {
	const t = useText();
	if (pages.length === 0) return <p class="muted small">{t("pages_none")}</p>;
	return (
		<ol class="pages">
			{pages.map((page, index) => (
				<li key={`${page.at} ${index}`} class="pages-one">
					<span class="pages-two">
						<WebLink address={page.url} class="cut">
							{pageName(page)}
						</WebLink>
						<span class="cut muted small">{shortAddress(page.url)}</span>
					</span>
					<time class="muted small" dateTime={page.at}>
						{dateAndTime(page.at, t.language)}
					</time>
				</li>
			))}
		</ol>
	);
}

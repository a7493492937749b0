import "../settings/Settings.css";
import { WebLink } from "@palique/ui/WebLink";
import type { ComponentChildren } from "preact";
import { useEffect } from "preact/hooks";
import type { Me, Site, SiteFirstSteps, WidgetPage } from "../api/shapes";
import { Button } from "../parts/Button";
import { CopyField } from "../parts/CopyField";
import { EmptyState, Skeleton } from "../parts/EmptyState";
import { Link } from "../routing/Link";
import { useStores } from "../StoresContext";
import { Card } from "../settings/Card";
import { snippet } from "../settings/SiteSettings";
import { useSave } from "../settings/useSave";
import { elapsed } from "../texts/elapsed";
import { useText } from "../texts/useText";
import { useFirstRunText } from "./useFirstRunText";

// An administrator looks from the own page to this one and back.
const RELOAD_MS = 5_000;

/** What is left until visitors can chat. Loads again while it is shown, so that a first load of the widget appears. */
export function FirstSteps({ me }: { me: Me }) {
	const { firstSteps } = useStores();
	const t = useText();
	const rules = me.role === "administrator";

	useEffect(() => {
		if (!rules) return;
		void firstSteps.load();
		const timer = setInterval(() => {
			if (document.visibilityState === "visible") void firstSteps.load();
		}, RELOAD_MS);
		return () => clearInterval(timer);
	}, [firstSteps, rules]);

	return (
		<div class="page-body settings">
			{rules ? <Steps /> : <EmptyState icon="warning" title={t("problem_forbidden")} />}
		</div>
	);
}

function Steps() {
	const { firstSteps, router, site } = useStores();
	const t = useText();
	const own = useFirstRunText();
	const saving = useSave();
	const steps = firstSteps.steps.value;
	const found = site.site.value;
	const hide = async () => {
		if (await saving.run(() => firstSteps.dismiss(), null)) router.go({ page: "visitors" });
	};
	if (!steps || !found) return <Skeleton lines={6} />;
	return (
		<>
			<SnippetStep steps={steps} site={found} />
			<Step done={steps.tried} title={own("try")} lead={own("try_lead")}>
				<div class="settings-row">
					{steps.seen ? <WebLink address={steps.seen.origin}>{steps.seen.origin}</WebLink> : null}
					<Link to={{ page: "visitors" }}>{t("visitors_title")}</Link>
				</div>
			</Step>
			<Step done={steps.invited} title={own("invite")} lead={own("invite_lead")}>
				<Link to={{ page: "settings", part: "agents" }}>{t("agents_invite")}</Link>
			</Step>
			<Step done={steps.introduced} title={own("profile")} lead={t("profile_lead")}>
				<Link to={{ page: "settings", part: "profile" }}>{t("settings_profile")}</Link>
			</Step>
			{firstSteps.open.value ? (
				<div class="settings-foot">
					<Button busy={saving.busy} onClick={() => void hide()}>
						{own("hide")}
					</Button>
				</div>
			) : null}
		</>
	);
}

interface StepProps {
	done: boolean;
	title: string;
	lead: string;
	children: ComponentChildren;
}

function Step({ done, title, lead, children }: StepProps) {
	const own = useFirstRunText();
	const state = (
		<span class={done ? "access access-active" : "access"}>{own(done ? "step_done" : "step_left")}</span>
	);
	return (
		<Card title={title} lead={lead} tools={state}>
			{children}
		</Card>
	);
}

function SnippetStep({ steps, site }: { steps: SiteFirstSteps; site: Site }) {
	const { clock } = useStores();
	const t = useText();
	const own = useFirstRunText();
	const { seen, refused } = steps;
	return (
		<Step done={seen !== null} title={t("site_snippet")} lead={t("site_snippet_lead")}>
			<CopyField label={t("site_snippet")} text={snippet(location.origin, site.site)} />
			<p>
				{/* Without the time, which would be read aloud every minute. */}
				<span role="status">{seen ? own("seen", { origin: seen.origin }) : own("unseen")}</span>{" "}
				{seen ? own("ago", { time: elapsed(t, seen.at, clock.now.value) }) : null}
			</p>
			{refused.length ? <RefusedPages pages={refused} site={site} /> : null}
		</Step>
	);
}

/** Pages of other origins that asked for the chat. Any client can send such a request, so the text warns. */
function RefusedPages({ pages, site }: { pages: readonly WidgetPage[]; site: Site }) {
	const { clock, firstSteps } = useStores();
	const t = useText();
	const own = useFirstRunText();
	const saving = useSave();
	const allow = async (origin: string) => {
		if (await saving.site({ origins: [...site.origins, origin] })) await firstSteps.load();
	};
	return (
		<section aria-label={own("refused")}>
			<p class="muted small">{own("refused")}</p>
			<ul>
				{pages.map(({ origin, at }) => (
					<li key={origin} class="sessions-row">
						<span class="agents-who">
							<span class="copy-words">{origin}</span>
							<span class="muted small">{own("ago", { time: elapsed(t, at, clock.now.value) })}</span>
						</span>
						<Button small busy={saving.busy} onClick={() => void allow(origin)}>
							{own("allow")}
						</Button>
					</li>
				))}
			</ul>
		</section>
	);
}

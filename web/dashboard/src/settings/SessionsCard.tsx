import { dateAndTime } from "@palique/ui/time";
import { useState } from "preact/hooks";
import { asProblem } from "../api/http";
import type { OwnSession } from "../api/shapes";
import { Button } from "../parts/Button";
import { Loading } from "../parts/EmptyState";
import { useLoad } from "../parts/useLoad";
import { useStores } from "../StoresContext";
import { useText } from "../texts/useText";
import { Card } from "./Card";
import { PasswordQuestion } from "./PasswordQuestion";
import { useSave } from "./useSave";

/** The agent's own sessions, each of which can be ended, and all together. */
export function SessionsCard() {
	const { api, session, toasts } = useStores();
	const t = useText();
	const saving = useSave();
	const loaded = useLoad(() => api.sessions(), [api]);

	// What waits for the password.
	const [asked, setAsked] = useState<{ act: () => Promise<void> } | null>(null);

	const run = (act: () => Promise<void>) =>
		void saving.run(async () => {
			try {
				await act();
			} catch (error) {
				if (asProblem(error).code !== "proof_needed") throw error;
				setAsked({ act });
			}
		}, null);
	const end = (one: OwnSession) =>
		run(async () => {
			await api.endSession(one.session);
			loaded.set((loaded.value ?? []).filter((other) => other.session !== one.session));
			toasts.show({ text: t("sessions_ended") });
		});
	const endAll = () => run(() => session.signOutEverywhere());
	const proven = () => {
		setAsked(null);
		if (asked) run(asked.act);
	};
	return (
		<Card title={t("sessions_title")} lead={t("sessions_lead")}>
			{loaded.value ? (
				<ul class="sessions">
					{loaded.value.map((one) => (
						<Row key={one.session} session={one} busy={saving.busy} end={() => end(one)} />
					))}
				</ul>
			) : (
				<Loading loaded={loaded} lines={2} />
			)}
			<div class="settings-foot">
				<Button kind="danger" busy={saving.busy} onClick={endAll}>
					{t("sessions_end_all")}
				</Button>
			</div>
			{asked ? <PasswordQuestion cancel={() => setAsked(null)} proven={proven} /> : null}
		</Card>
	);
}

function Row({ session, busy, end }: { session: OwnSession; busy: boolean; end: () => void }) {
	const t = useText();
	const computer = `${session.browser}, ${session.os}`;
	const at = (time: string | null) => (time ? dateAndTime(time, t.language) : "–");
	return (
		<li class="sessions-row">
			<div class="agents-who">
				<span class="agents-name">{computer}</span>
				<span class="muted small">
					{t("sessions_times", { created: at(session.created_at), seen: at(session.seen_at) })}
				</span>
				<span class="muted small">
					<bdi>{session.address}</bdi>
				</span>
			</div>
			{session.current ? (
				<span class="access access-active">{t("sessions_current")}</span>
			) : (
				<Button small busy={busy} onClick={end} title={t("sessions_end_of", { computer })}>
					{t("sign_out")}
				</Button>
			)}
		</li>
	);
}

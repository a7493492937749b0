import { useState } from "preact/hooks";
import type { MailResult } from "../../api/shapes";
import { Button } from "../../parts/Button";
import { Loading } from "../../parts/EmptyState";
import { useLoad } from "../../parts/useLoad";
import { useStores } from "../../StoresContext";
import { Card } from "../Card";
import { useSave } from "../useSave";
import { MailFault } from "./MailFault";
import { useMailText } from "./useMailText";

/** Whether Palique sends mail, and a test mail to the administrator with the answer of the mail server. */
export function MailCard({ email }: { email: string }) {
	const { api } = useStores();
	const t = useMailText();
	const loaded = useLoad(() => api.mail(), [api]);
	const [result, setResult] = useState<MailResult | null>(null);
	const saving = useSave();
	const status = loaded.value;

	const test = () => {
		setResult(null);
		void saving.run(async () => setResult(await api.testMail()), null);
	};
	if (!status)
		return (
			<Card title={t("title")}>
				<Loading loaded={loaded} lines={2} />
			</Card>
		);
	if (!status.configured)
		return (
			<Card title={t("title")} lead={t("lead_off")}>
				<p class="muted small">{t("lead_operator")}</p>
			</Card>
		);
	return (
		<Card title={t("title")} lead={t("lead_on", { sender: status.sender })}>
			{status.waiting ? <p>{t("waiting", { count: status.waiting })}</p> : null}
			<div role="status">{result ? <Result result={result} email={email} /> : null}</div>
			<div class="settings-foot">
				<Button busy={saving.busy} onClick={test}>
					{t("test")}
				</Button>
			</div>
		</Card>
	);
}

function Result({ result, email }: { result: MailResult; email: string }) {
	const t = useMailText();
	const { state } = result;
	const limited = state === "too_many" || state === "unavailable" || state === "off";
	return (
		<div class={state === "sent" ? "notice" : "notice notice-danger"}>
			<div>
				<p>{t(limited ? state : state === "sent" ? "test_sent" : "test_failed", { email })}</p>
				<MailFault result={result} />
			</div>
		</div>
	);
}

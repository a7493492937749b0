import "./SignIn.css";
import { Icon } from "@palique/ui/Icon";
import { useEffect, useRef, useState } from "preact/hooks";
import type { Problem } from "../api/http";
import { Button } from "../parts/Button";
import { ProblemMessage } from "../parts/ProblemMessage";
import { TextField } from "../parts/TextField";
import { useStores } from "../StoresContext";
import { useText } from "../texts/useText";

/** Sign-in form. The password is sent once and never stored. */
export function SignIn({ expired }: { expired: boolean }) {
	const { session } = useStores();
	const t = useText();
	const [email, setEmail] = useState("");
	const [password, setPassword] = useState("");
	const [problem, setProblem] = useState<Problem | null>(null);
	const [busy, setBusy] = useState(false);
	const first = useRef<HTMLInputElement>(null);
	const secret = useRef<HTMLInputElement>(null);

	useEffect(() => {
		document.title = `${t("signin_title")} · Palique`;
		first.current?.focus();
	}, [t]);

	const submit = async (event: Event) => {
		event.preventDefault();
		if (busy) return;
		// Read from the fields: a password manager fills and submits them before they are rendered.
		const given = { email: first.current?.value.trim(), password: secret.current?.value };
		if (!given.email) return first.current?.focus();
		if (!given.password) return secret.current?.focus();
		setBusy(true);
		const refused = await session.signIn(given.email, given.password);
		setBusy(false);
		setProblem(refused);
		if (!refused) return;
		setPassword("");
		secret.current?.focus();
	};

	return (
		<main class="signin">
			<form class="signin-card" onSubmit={submit} noValidate>
				<div class="signin-brand">
					<span class="brand-mark">
						<Icon name="chat" size={18} />
					</span>
					Palique
				</div>
				<h1>{t("signin_title")}</h1>
				<p class="muted">{t("signin_lead")}</p>
				<ProblemMessage problem={problem}>
					{expired ? (
						<p class="notice">
							<Icon name="clock" size={18} /> {t("signin_expired")}
						</p>
					) : null}
				</ProblemMessage>
				<TextField
					label={t("signin_email")}
					type="email"
					autocomplete="username"
					value={email}
					onValue={setEmail}
					inputRef={first}
				/>
				<TextField
					label={t("signin_password")}
					type="password"
					autocomplete="current-password"
					value={password}
					onValue={setPassword}
					inputRef={secret}
				/>
				<Button kind="primary" type="submit" busy={busy} wide>
					{t("signin_submit")}
				</Button>
			</form>
		</main>
	);
}

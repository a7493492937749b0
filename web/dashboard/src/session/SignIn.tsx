import { Icon } from "@palique/ui/Icon";
import { useEffect, useRef, useState } from "preact/hooks";
import { Brand } from "../parts/Brand";
import { Button } from "../parts/Button";
import { ProblemMessage } from "../parts/ProblemMessage";
import { TextField } from "../parts/TextField";
import { useRequest } from "../parts/useRequest";
import { useStores } from "../StoresContext";
import { useText } from "../texts/useText";
import { SignInCard } from "./SignInCard";

/** Sign-in form. The password is sent once and never stored. */
export function SignIn({ expired }: { expired: boolean }) {
	const t = useText();
	const { email, password, busy, problem, submit } = useCredentials();
	const brand = <Brand class="signin-brand" size={18} />;
	return (
		<SignInCard title={t("signin_title")} lead={t("signin_lead")} brand={brand} onSubmit={submit}>
			<ProblemMessage problem={problem}>
				{expired ? (
					<p class="notice">
						<Icon name="clock" size={18} /> {t("signin_expired")}
					</p>
				) : null}
			</ProblemMessage>
			<TextField label={t("signin_email")} type="email" autocomplete="username" {...email} />
			<TextField label={t("signin_password")} type="password" autocomplete="current-password" {...password} />
			<Button kind="primary" type="submit" busy={busy} wide>
				{t("signin_submit")}
			</Button>
		</SignInCard>
	);
}

/** The two fields, and the request with what is in them. A refusal empties the password. */
function useCredentials() {
	const { session } = useStores();
	const { busy, problem, run } = useRequest();
	const [email, setEmail] = useState("");
	const [password, setPassword] = useState("");
	const emailField = useRef<HTMLInputElement>(null);
	const passwordField = useRef<HTMLInputElement>(null);
	useEffect(() => emailField.current?.focus(), []);

	const submit = () => {
		// Read from the fields: a password manager fills and submits them before they are rendered.
		const givenEmail = emailField.current?.value.trim();
		const givenPassword = passwordField.current?.value;
		if (!givenEmail) return emailField.current?.focus();
		if (!givenPassword) return passwordField.current?.focus();
		void run(async () => {
			const refused = await session.signIn(givenEmail, givenPassword);
			if (!refused) return;
			setPassword("");
			passwordField.current?.focus();
			throw refused;
		});
	};
	return {
		email: { value: email, onValue: setEmail, inputRef: emailField },
		password: { value: password, onValue: setPassword, inputRef: passwordField },
		busy,
		problem,
		submit,
	};
}

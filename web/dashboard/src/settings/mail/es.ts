/** Spanish texts of mail. */
import type { Texts } from "@palique/ui/i18n";
import type { en } from "./en";

export const es: Texts<keyof typeof en> = {
	title: "Correo",
	lead_on: "Los enlaces para elegir una contraseña también van por correo, desde {sender}.",
	lead_off: "No hay un servidor de correo configurado. Pasa tú los enlaces para elegir una contraseña.",
	lead_operator: "Quien administra el servidor define PALIQUE_MAIL_SERVER.",
	waiting: "Correos que esperan otro intento: {count}",
	test: "Enviarme un correo de prueba",
	test_sent: "El servidor de correo aceptó el correo de prueba para {email}.",
	test_failed: "El correo de prueba no se envió.",
	sent: "Enviado por correo a {email}.",
	sent_lead: "El enlace solo se muestra ahora, funciona una vez y caduca el {until}.",
	queued: "Aún no se ha enviado por correo. El próximo intento es automático.",
	off: "No se envió por correo: no hay un servidor de correo configurado.",
	refused: "No se envió por correo: el servidor de correo lo rechaza.",
	expired: "No se envió por correo: el enlace caducó antes de lograrlo.",
	unavailable: "No se envió por correo: el servicio de correo no responde.",
	too_many: "No se envió por correo: demasiados correos en poco tiempo.",
	fault_connection: "El servidor de correo no responde.",
	fault_tls: "No hay una conexión segura con el servidor de correo.",
	fault_sign_in: "El servidor de correo rechaza el usuario o la contraseña.",
	answer: "Respuesta del servidor de correo",
};

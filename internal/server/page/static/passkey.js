// Passkeys are asked for by script alone. Where there is none, or no way to ask, their forms stay hidden.
const can = window.PublicKeyCredential && PublicKeyCredential.parseRequestOptionsFromJSON;
if (can) for (const form of document.querySelectorAll("[data-passkey]")) {
  form.hidden = false;
  form.addEventListener("submit", async event => {
    event.preventDefault();
    const said = form.querySelector("[role=status]"), options = JSON.parse(form.dataset.options).publicKey;
    said.textContent = "";
    try {
      const credential = form.dataset.passkey === "create"
        ? await navigator.credentials.create({ publicKey: PublicKeyCredential.parseCreationOptionsFromJSON(options) })
        : await navigator.credentials.get({ publicKey: PublicKeyCredential.parseRequestOptionsFromJSON(options) });
      form.elements.answer.value = JSON.stringify(credential.toJSON());
      form.submit();
    } catch (error) {
      said.textContent = error.name === "InvalidStateError" ? "This device has a passkey for the account already." : "No passkey was used. Try again, or take another way.";
    }
  });
}

# Makes a machine of this one: its own processes and network, and directories whose changes are lost at the end. `WORK` is an empty
# directory, `CHECKOUT` the one of this repository, `NODE` its Node.
ip link set lo up
mount --make-rprivate /
mount -t proc proc /proc
mount -t tmpfs tmpfs "$WORK"
for directory in etc opt var usr/local; do
  mkdir -p "$WORK/$directory/upper" "$WORK/$directory/work"
  mount -t overlay overlay -o "lowerdir=/$directory,upperdir=$WORK/$directory/upper,workdir=$WORK/$directory/work" "/$directory"
done
mount -t tmpfs tmpfs /run
install -d -o postgres -g postgres /run/postgresql

# The page installs packages, which needs a registry. Here they are those of the checkout.
package=/opt/effect-commerce/node_modules/effect-commerce
mkdir -p "$package/dist/cli"
cp -r "$CHECKOUT/deploy" "$package/"
echo '{ "type": "module" }' >"$package/package.json"
echo "import \"$CHECKOUT/src/cli/main.ts\"" >"$package/dist/cli/main.js"
mkdir -p /opt/effect-commerce/node_modules/node/bin
cp "$NODE" /opt/effect-commerce/node_modules/node/bin/node

# What Debian's package does.
rm -rf /etc/postgresql/*
version=$(ls /usr/lib/postgresql | sort -n | tail -n 1)
pg_createcluster "$version" main -d "/var/lib/postgresql/$version/guide" >/dev/null
echo "fsync = off" >>"/etc/postgresql/$version/main/postgresql.conf"
pg_ctlcluster "$version" main start

# What an authority and a name server do.
certificates=/etc/letsencrypt/live/shop.example
mkdir -p "$certificates"
openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:prime256v1 -nodes -days 2 -subj /CN=shop.example \
  -addext subjectAltName=DNS:shop.example -keyout "$certificates/privkey.pem" -out "$certificates/fullchain.pem" 2>/dev/null
export CURL_CA_BUNDLE="$certificates/fullchain.pem"
echo "127.0.0.1 localhost shop.example" >/etc/hosts

# What systemd does with the unit, as far as the guide needs it.
mkdir "$WORK/bin"
cp "$CHECKOUT/test/deploy/machine/systemctl.sh" "$WORK/bin/systemctl"
chmod 755 "$WORK/bin/systemctl"
export PATH="$WORK/bin:$PATH"
mkdir "$WORK/home" && cd "$WORK/home"

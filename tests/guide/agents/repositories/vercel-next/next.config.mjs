export default {
  async rewrites() {
    return [{ source: "/agent/:path*", destination: "https://agent.example/:path*" }];
  },
};
